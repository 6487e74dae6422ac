using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Net;
using TcpTools.Channels;
using TcpTools.Links;
using TcpTools.Neighbors;
using TcpTools.Probing;
using TcpTools.Wire;

namespace TcpTools.PowerShell;

/// <summary>Tells hosts by ARP that an address is at our Ethernet address, and the truth when it ends.</summary>
[Cmdlet(VerbsLifecycle.Start, "ArpSpoof", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(ArpSpoof))]
public sealed class StartArpSpoofCommand : ChannelCmdlet
{
    private readonly List<IPAddress> _targets = [];
    private ArpSpoof? _running;

    /// <summary>The address whose place is taken.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [AddressTransform]
    [Alias("IPAddress")]
    public IPAddress Address { get; set; } = null!;

    /// <summary>The hosts that are told.</summary>
    [Parameter(Position = 1, ValueFromPipeline = true)]
    [AddressesTransform]
    public IPAddress[] Target { get; set; } = [];

    /// <summary>All hosts of the link are told.</summary>
    [Parameter]
    public SwitchParameter All { get; set; }

    /// <summary>The owner of the address is told the same of the targets.</summary>
    [Parameter]
    public SwitchParameter BothWays { get; set; }

    /// <summary>What comes in is passed on to where it belongs.</summary>
    [Parameter]
    public SwitchParameter Forward { get; set; }

    /// <summary>The Ethernet address that they are told.</summary>
    [Parameter]
    [MacAddressTransform]
    public MacAddress MacAddress { get; set; }

    /// <summary>The network namespace in which the interface is.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(NetworkNamespaceCompleter))]
    public string? NetworkNamespace { get; set; }

    /// <summary>Seconds until they are told again.</summary>
    [Parameter]
    [ValidateRange(0.05, 3600)]
    public double IntervalSeconds { get; set; } = 2;

    /// <summary>Seconds that the true addresses are asked for.</summary>
    [Parameter]
    [TimeoutTransform]
    [Alias("Timeout", "TimeoutSeconds")]
    public double TimeoutSec { get; set; } = 3;

    /// <summary>A name.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <summary>Goes on until Ctrl+C, and then tells the truth.</summary>
    [Parameter]
    public SwitchParameter Wait { get; set; }

    /// <inheritdoc/>
    protected override void Process() => _targets.AddRange(Target);

    /// <inheritdoc/>
    protected override void End()
    {
        Subject = Address;
        if (_targets.Count == 0 && !All)
        {
            throw new StackException(
                StackError.InvalidArgument, "Nobody is named who is to be told.", "Name hosts with -Target, or tell the whole link with -All.");
        }

        string targets = All ? "everybody" : string.Join(", ", _targets);
        if (!ShouldProcess(targets, $"Tell by ARP that {Address} is here"))
        {
            return;
        }

        IPacketChannel channel = OpenSpoofChannel(out MacAddress hardware, out IReadOnlyList<NetworkAddress> own);
        try
        {
            _running = ArpSpoof.Start(
                channel,
                new ArpSpoofOptions
                {
                    Address = NetworkAddress.From(Address),
                    Targets = All ? [] : [.. _targets.Select(NetworkAddress.From).Distinct()],
                    BothWays = BothWays,
                    HardwareAddress = hardware,
                    Forward = Forward,
                    OwnAddresses = own,
                    Interval = TimeSpan.FromSeconds(IntervalSeconds),
                    ResolveTimeout = TimeoutSec < 0 ? TimeSpan.FromDays(1) : Limit(TimeoutSec),
                    Name = Name,
                },
                StopToken);
        }
        catch
        {
            channel.Dispose();
            throw;
        }

        State.Spoofs.Add(_running);
        WriteObject(_running);
        if (Wait)
        {
            StopToken.WaitHandle.WaitOne();
        }
        else
        {
            // From now on the runspace's.
            _running = null;
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _running?.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>On an interface all that comes for the Ethernet address that is told is wanted, and split as it is on the wire.</summary>
    private IPacketChannel OpenSpoofChannel(out MacAddress hardware, out IReadOnlyList<NetworkAddress> own)
    {
        own = [];
        if (Link is not { IsInterface: true } target || Stack is not null)
        {
            if (Link is null && TargetStack is null)
            {
                throw new StackException(StackError.InvalidArgument, "There is no link to tell anybody anything on.", "Name an Ethernet interface with -Link.");
            }

            hardware = MacAddress != MacAddress.None ? MacAddress
                : TargetStack?.HardwareAddress ?? EthernetProtocol.CreateAddress(RandomSource.System);
            own = [.. (TargetStack?.Addresses ?? []).Select(a => a.Address)];
            return OpenChannel();
        }

        InterfaceNetwork network = InterfaceNetwork.Read(target.Name, NetworkNamespace);
        hardware = MacAddress != MacAddress.None ? MacAddress : network.HardwareAddress;
        own = [.. network.Addresses.Select(a => a.Address)];
        return new LinkChannel(PacketSocketLink.OpenStation(network, hardware), network: null, ownsLink: true);
    }
}

/// <summary>Lists what hosts are told by ARP.</summary>
[Cmdlet(VerbsCommon.Get, "ArpSpoof")]
[OutputType(typeof(ArpSpoof))]
public sealed class GetArpSpoofCommand : TcpToolsCmdlet
{
    /// <summary>Names, with wildcards.</summary>
    [Parameter(Position = 0)]
    [SupportsWildcards]
    public string Name { get; set; } = "*";

    /// <inheritdoc/>
    protected override void End()
    {
        WildcardPattern pattern = new(Name, WildcardOptions.IgnoreCase);
        WriteObject(State.Spoofs.Items.Where(spoof => pattern.IsMatch(spoof.Name)).ToArray(), true);
    }
}

/// <summary>Ends what hosts are told by ARP, and tells them the truth.</summary>
[Cmdlet(VerbsLifecycle.Stop, "ArpSpoof", SupportsShouldProcess = true)]
[OutputType(typeof(ArpSpoof))]
public sealed class StopArpSpoofCommand : TcpToolsCmdlet
{
    /// <summary>What is to end; all when nothing is named.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    public ArpSpoof[]? InputObject { get; set; }

    /// <summary>Writes what has ended.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        foreach (ArpSpoof spoof in InputObject ?? [.. State.Spoofs.Items])
        {
            if (ShouldProcess(spoof.ToString(), "Stop, and tell the truth"))
            {
                spoof.Stop();
                State.Spoofs.Remove(spoof);
                if (PassThru)
                {
                    WriteObject(spoof);
                }
            }
        }
    }
}
