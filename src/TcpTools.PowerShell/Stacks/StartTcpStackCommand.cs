using System;
using System.Collections;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Net;
using TcpTools.Capture;
using TcpTools.Links;
using TcpTools.Replay;
using TcpTools.Stack;
using TcpTools.Tcp;
using TcpTools.Wire;

namespace TcpTools.PowerShell;

/// <summary>Starts a TCP/IP stack of its own: over a TUN or TAP device, on an interface beside the kernel, or over a link given.</summary>
[Cmdlet(VerbsLifecycle.Start, "TcpStack", DefaultParameterSetName = "Tun", SupportsShouldProcess = true)]
[OutputType(typeof(TcpStack))]
public sealed partial class StartTcpStackCommand : TcpToolsCmdlet
{
    private const int NetworksToTry = 100;

    private PcapFileSink? _capture;

    /// <summary>Over a new TUN device, which is the default.</summary>
    [Parameter(ParameterSetName = "Tun")]
    public SwitchParameter Tun { get; set; }

    /// <summary>The link to use.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Link", ValueFromPipeline = true)]
    [LinkTransform]
    public ILink Link { get; set; } = null!;

    /// <summary>The stack's own addresses.</summary>
    [Parameter(Position = 0, ParameterSetName = "Tun")]
    [Parameter(Position = 0, ParameterSetName = "Tap")]
    [Parameter(Position = 0, ParameterSetName = "Link")]
    [Parameter(Position = 1, Mandatory = true, ParameterSetName = "Interface")]
    [InterfaceAddressTransform(PassNames = true)]
    [Alias("IPAddress")]
    public InterfaceAddress[]? Address { get; set; }

    /// <summary>The kernel's address at the other end of the TUN device.</summary>
    [Parameter(ParameterSetName = "Tun")]
    [Parameter(ParameterSetName = "Tap")]
    [AddressTransform]
    public IPAddress? PeerAddress { get; set; }

    /// <summary>The TUN device's name.</summary>
    [Parameter(ParameterSetName = "Tun")]
    [Parameter(ParameterSetName = "Tap")]
    [ValidateLength(1, 15)]
    public string? InterfaceName { get; set; }

    /// <summary>The network namespace in which the kernel's side of the TUN device lives.</summary>
    [Parameter(ParameterSetName = "Tun")]
    [Parameter(ParameterSetName = "Tap")]
    [Parameter(ParameterSetName = "Interface")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(NetworkNamespaceCompleter))]
    public string? NetworkNamespace { get; set; }

    /// <summary>The TUN device's MTU.</summary>
    [Parameter(ParameterSetName = "Tun")]
    [Parameter(ParameterSetName = "Tap")]
    [ValidateRange(68, 65535)]
    public int Mtu { get; set; } = 1500;

    /// <summary>Every frame on the TUN device is a complete packet.</summary>
    [Parameter(ParameterSetName = "Tun")]
    [Parameter(ParameterSetName = "Tap")]
    public SwitchParameter NoOffload { get; set; }

    /// <summary>The next hop for everything outside the addresses' networks.</summary>
    [Parameter]
    [AddressTransform]
    public IPAddress? Gateway { get; set; }

    /// <summary>A name for the stack.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <summary>The stack moves only by Step-TcpStack.</summary>
    [Parameter]
    public SwitchParameter Manual { get; set; }

    /// <summary>The stack lives in simulated time.</summary>
    [Parameter]
    public SwitchParameter Virtual { get; set; }

    /// <summary>The simulated clock to live by.</summary>
    [Parameter]
    public VirtualClock? Clock { get; set; }

    /// <summary>Seed of every random choice.</summary>
    [Parameter]
    public ulong Seed { get; set; }

    /// <summary>Whose habits connections have.</summary>
    [Parameter]
    public TcpProfile Profile { get; set; }

    /// <summary>TCP options to change, by name.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(TcpOptionCompleter))]
    public Hashtable? Option { get; set; }

    /// <summary>What a bad network does to packets.</summary>
    [Parameter]
    [ImpairmentTransform]
    [ArgumentCompleter(typeof(ImpairmentCompleter))]
    public Impairment? Impairment { get; set; }

    /// <summary>A file for a capture of everything that passes.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? CapturePath { get; set; }

    /// <summary>Segments for ports that nobody holds get no answer.</summary>
    [Parameter]
    public SwitchParameter DropUnclaimed { get; set; }

    /// <summary>Records segments for the stack's Trace property.</summary>
    [Parameter]
    public SwitchParameter Trace { get; set; }

    /// <summary>Makes the stack the runspace's default even where there is one.</summary>
    [Parameter]
    public SwitchParameter Default { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        if (Manual && Virtual)
        {
            throw new StackException(StackError.InvalidArgument, "A stack is either -Manual or -Virtual.");
        }

        if (!ShouldProcess(Link?.Name ?? Interface ?? InterfaceName ?? (Tap ? "a TAP device" : "a TUN device"), "Start a TCP/IP stack"))
        {
            return;
        }

        try
        {
            _capture = OpenCapture();
            TcpStack stack = ParameterSetName switch
            {
                "Link" when LinkChain.Innermost(Link!) is PacketReplay replay => StartOnReplay(replay),
                "Link" => StartOn(Link!, Address ?? DefaultAddress(), false),
                "Interface" => StartOnInterface(),
                _ => StartOnTun(),
            };
            AwaitClaims(stack);
            State.Add(stack, TakeAttachment());
            if (Default)
            {
                State.DefaultStack = stack;
            }

            WriteObject(stack);
        }
        catch (StackException e)
        {
            // Without its stack a script has nothing to go on with.
            ThrowTerminatingError(Errors.From(e, Link?.Name ?? Interface ?? InterfaceName));
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _capture?.Dispose();
        _parts?.Dispose();
        base.Dispose(disposing);
    }

    private PcapFileSink? OpenCapture()
    {
        if (CapturePath is null)
        {
            return null;
        }

        string path = GetUnresolvedProviderPathFromPSPath(CapturePath);
        try
        {
            bool isClassic = path.EndsWith(".pcap", StringComparison.OrdinalIgnoreCase);
            return new PcapFileSink(
                path, new PcapWriterOptions { Format = isClassic ? CaptureFormat.Pcap : CaptureFormat.PcapNg });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StackException(
                e is IOException ? StackError.SystemError : StackError.NotPermitted, e.Message, "Name a file that can be written.", e);
        }
    }

    private TcpStack StartOnTun()
    {
        if (Address is null && PeerAddress is null)
        {
            // Two shells on one machine must not get in each other's way: the first free network of a fixed row.
            for (int i = 0; ; i++)
            {
                try
                {
                    return StartOnTun([Numbered(i, 2)], Numbered(i, 1));
                }
                catch (StackException e) when (e.Error == StackError.LinkInUse && i < NetworksToTry && InterfaceName is null)
                {
                    WriteVerbose($"{Numbered(i, 1)} is in use; trying the next network.");
                }
            }
        }

        InterfaceAddress[] own = Address ?? throw new StackException(
            StackError.InvalidArgument,
            "-PeerAddress needs the stack's own -Address.",
            "For example: Start-TcpStack -Address 10.9.0.2/24 -PeerAddress 10.9.0.1");
        NetworkAddress peer = PeerAddress is null ? Neighbor(own[0]) : NetworkAddress.From(PeerAddress);
        return StartOnTun(own, new InterfaceAddress(peer, own[0].PrefixLength));
    }

    private TcpStack StartOnTun(InterfaceAddress[] own, InterfaceAddress kernel)
    {
        TunLink tun = TunLink.Open(new TunOptions
        {
            Name = InterfaceName,
            Ethernet = Tap,
            Address = kernel,
            Peer = own[0].Contains(kernel.Address) ? null : own[0].Address,
            Hosts = [.. own.Select(a => a.Address)],
            Routes = [.. own.Skip(1).Select(a => new InterfaceAddress(a.Address, a.Address.Length * 8))],
            Mtu = Mtu,
            Offload = !NoOffload,
            NetworkNamespace = NetworkNamespace,
        });
        try
        {
            return StartOn(tun, own, true, kernel.Address);
        }
        catch
        {
            tun.Dispose();
            throw;
        }
    }

    private TcpStack StartOn(ILink link, InterfaceAddress[] own, bool owned, NetworkAddress? kernel = null)
    {
        bool isSeeded = MyInvocation.BoundParameters.ContainsKey(nameof(Seed));
        RandomSource random = isSeeded ? RandomSource.FromSeed(Seed) : RandomSource.System;
        VirtualClock? clock = ChooseClock(link);
        if (Impairment is not null)
        {
            link = new ImpairmentLink(link, Impairment, random);
        }

        if (_capture is not null)
        {
            // Outermost: a capture shows what the stack sent and got.
            link = new CaptureTap(link, _capture, Virtual || clock is not null ? null : TimeProvider.System);
        }

        NetworkAddress? gateway = Gateway is null ? null : NetworkAddress.From(Gateway);
        return LinkClaims.Start(WithParts(new TcpStackOptions
        {
            Name = Name,
            Link = link,
            DisposeLink = owned,
            Addresses = own,
            Gateway = gateway ?? (own[0].Address.IsIPv4 ? kernel : null),
            HardwareAddress = ChooseMacAddress(link),
            Neighbors = ChooseClaim(),
            Tcp = RecordOptions.Apply(TcpSettings.For(Profile), Option),
            Random = random,
            Mode = Manual ? StackMode.Manual : Virtual || Clock is not null ? StackMode.Virtual : StackMode.Threaded,
            Clock = clock,
            DefersCalls = Manual,
            Trace = Trace,
            UnclaimedPorts = DropUnclaimed ? UnclaimedPortPolicy.Drop : UnclaimedPortPolicy.Reset,
        }));
    }

    /// <summary>On a wire: the first address of a fixed network that no stack of the runspace has.</summary>
    private static InterfaceAddress[] DefaultAddress()
    {
        HashSet<NetworkAddress> taken = [.. State.Stacks.SelectMany(s => s.Addresses).Select(a => a.Address)];
        const uint FirstHost = (10u << 24) | 1;
        for (uint host = FirstHost; ; host++)
        {
            NetworkAddress address = NetworkAddress.FromIPv4(host);
            if (!taken.Contains(address))
            {
                return [new InterfaceAddress(address, 24)];
            }
        }
    }

    private static InterfaceAddress Numbered(int network, uint host) =>
        new(NetworkAddress.FromIPv4((10u << 24) | (9u << 16) | ((uint)network << 8) | host), 24);

    /// <summary>The kernel's address when only ours is given: the first of the network that is not ours.</summary>
    private static NetworkAddress Neighbor(InterfaceAddress own)
    {
        if (!own.Address.IsIPv4)
        {
            throw new StackException(StackError.InvalidArgument, "An IPv6 address needs -PeerAddress too.");
        }

        int hostBits = 32 - own.PrefixLength;
        if (hostBits < 2)
        {
            // Too small for two hosts: the device is point-to-point, and the neighbouring address will do.
            return NetworkAddress.FromIPv4(own.Address.IPv4Bits ^ 1);
        }

        uint network = own.Address.IPv4Bits & ~((1u << hostBits) - 1);
        uint first = network + 1;
        return NetworkAddress.FromIPv4(first == own.Address.IPv4Bits ? first + 1 : first);
    }
}
