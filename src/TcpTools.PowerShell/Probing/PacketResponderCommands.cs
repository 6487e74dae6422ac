using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using TcpTools.Channels;
using TcpTools.Packets;
using TcpTools.Probing;
using TcpTools.Stack;
using TcpTools.Wire;

namespace TcpTools.PowerShell;

/// <summary>Starts to answer packets.</summary>
[Cmdlet(VerbsLifecycle.Start, "PacketResponder", DefaultParameterSetName = "Script")]
[OutputType(typeof(PacketResponder))]
public sealed class StartPacketResponderCommand : ChannelCmdlet
{
    private static readonly MacAddress s_usualHardware = new(0x0254_5450_0001);

    /// <summary>Whether a packet is to be answered.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Script")]
    public ScriptBlock Match { get; set; } = null!;

    /// <summary>Gives the answers to a packet.</summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = "Script")]
    public ScriptBlock Reply { get; set; } = null!;

    /// <summary>What the script blocks get as arguments.</summary>
    [Parameter(ParameterSetName = "Script")]
    [Alias("Args")]
    public object[] ArgumentList { get; set; } = [];

    /// <summary>Answers ARP requests.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Arp")]
    public SwitchParameter Arp { get; set; }

    /// <summary>Answers ICMP echo requests.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "IcmpEcho")]
    public SwitchParameter IcmpEcho { get; set; }

    /// <summary>Answers TCP segments with resets.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "TcpReset")]
    public SwitchParameter TcpReset { get; set; }

    /// <summary>Answers datagrams of UDP with ICMP port unreachable.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Unreachable")]
    public SwitchParameter Unreachable { get; set; }

    /// <summary>Answers DNS questions from a table of names and addresses.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Dns")]
    public IDictionary Dns { get; set; } = null!;

    /// <summary>An object that answers.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Responder")]
    public IPacketResponder Responder { get; set; } = null!;

    /// <summary>For which addresses and networks it answers.</summary>
    [Parameter(ParameterSetName = "Arp")]
    [Parameter(ParameterSetName = "IcmpEcho")]
    [Parameter(ParameterSetName = "TcpReset")]
    [Parameter(ParameterSetName = "Unreachable")]
    [Parameter(ParameterSetName = "Dns")]
    [HostOrNetworkTransform]
    public InterfaceAddress[]? Address { get; set; }

    /// <summary>The Ethernet address that answers come from.</summary>
    [Parameter(ParameterSetName = "Arp")]
    [Parameter(ParameterSetName = "IcmpEcho")]
    [Parameter(ParameterSetName = "TcpReset")]
    [Parameter(ParameterSetName = "Unreachable")]
    [Parameter(ParameterSetName = "Dns")]
    [MacAddressTransform]
    public MacAddress? MacAddress { get; set; }

    /// <summary>Which packets are looked at, in tcpdump's language.</summary>
    [Parameter]
    public string? Filter { get; set; }

    /// <summary>How many packets may wait.</summary>
    [Parameter]
    [ValidateRange(1, 10_000_000)]
    public int Capacity { get; set; } = 4096;

    /// <summary>The responder's name.</summary>
    [Parameter]
    public string? Name { get; set; }

    /// <inheritdoc/>
    protected override void End()
    {
        if (ParameterSetName is not ("Script" or "Responder") && Address is null && TargetStack is null && Link is null or { IsInterface: true })
        {
            throw new StackException(
                StackError.InvalidArgument,
                $"On {Link?.Name ?? "the host's interfaces"} this would answer for every address that is seen there.",
                "Name the addresses to answer for with -Address.");
        }

        IPacketChannel channel = OpenChannel();
        IPacketResponder? responder = null;
        try
        {
            PacketFilter? filter = Filter is null ? null : PacketFilter.Compile(Filter, channel.Start);
            responder = Make(channel);
            PacketResponder running = PacketResponder.Start(channel, responder, filter, Capacity, Name);
            State.Responders.Add(running);
            WriteObject(running);
        }
        catch
        {
            (responder as IDisposable)?.Dispose();
            channel.Dispose();
            throw;
        }
    }

    private IPacketResponder Make(IPacketChannel channel)
    {
        ResponderAddresses addresses = new(Address);
        MacAddress? hardware = MacAddress ?? (channel is InterfaceChannel place ? place.Interface.HardwareAddress : null);
        switch (ParameterSetName)
        {
            case "Arp":
                return new ArpResponder(addresses, hardware ?? s_usualHardware);
            case "IcmpEcho":
                return new EchoResponder(addresses, hardware);
            case "TcpReset":
                return new ResetResponder(addresses, hardware);
            case "Unreachable":
                return new UnreachableResponder(addresses, hardware);
            case "Dns":
                return new DnsResponder(ReadNames(), addresses, hardware);
            case "Responder":
                return Responder;
            default:
                bool isSimulated = channel switch
                {
                    StackChannel beside => beside.Stack.Clock is not null,
                    _ => State.Clock is not null,
                };
                return new ScriptResponder(
                    ScriptText.From(Match, "__match", SessionState),
                    ScriptText.From(Reply, "__reply", SessionState),
                    ArgumentList,
                    channel.Start,
                    isSimulated);
        }
    }

    private Dictionary<string, IReadOnlyList<NetworkAddress>> ReadNames()
    {
        Dictionary<string, IReadOnlyList<NetworkAddress>> names = [];
        foreach (DictionaryEntry entry in Dns)
        {
            object? value = entry.Value is PSObject wrapped ? wrapped.BaseObject : entry.Value;
            IEnumerable<object?> items = value is IEnumerable many and not string ? many.Cast<object?>() : [value];
            names[entry.Key.ToString() ?? ""] =
            [
                .. items.Select(static item => Addresses.TryRead(item, out NetworkAddress address)
                    ? address
                    : throw new StackException(StackError.InvalidArgument, $"{Lookup.Show(item)} is not an IP address.")),
            ];
        }

        return names;
    }
}

/// <summary>Lists responders.</summary>
[Cmdlet(VerbsCommon.Get, "PacketResponder")]
[OutputType(typeof(PacketResponder))]
public sealed class GetPacketResponderCommand : TcpToolsCmdlet
{
    /// <summary>Their names; wildcards are allowed.</summary>
    [Parameter(Position = 0)]
    [SupportsWildcards]
    public string[]? Name { get; set; }

    /// <inheritdoc/>
    protected override void End()
    {
        WildcardPattern[]? patterns = Name is null ? null : [.. Name.Select(name => WildcardPattern.Get(name, WildcardOptions.IgnoreCase))];
        PacketResponder[] found = [.. State.Responders.Items.Where(r => patterns is null || patterns.Any(pattern => pattern.IsMatch(r.Name)))];
        WriteObject(found, enumerateCollection: true);
        if (found.Length == 0 && Name is { Length: 1 } && !WildcardPattern.ContainsWildcardCharacters(Name[0]))
        {
            WriteError(Errors.Make(
                "NoResponder", ErrorCategory.ObjectNotFound, $"There is no responder '{Name[0]}'.", Name[0], "Get-PacketResponder lists those that there are."));
        }
    }
}

/// <summary>Ends responders.</summary>
[Cmdlet(VerbsLifecycle.Stop, "PacketResponder", DefaultParameterSetName = "Object", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(PacketResponder))]
public sealed class StopPacketResponderCommand : TcpToolsCmdlet
{
    /// <summary>The responders.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = "Object")]
    public PacketResponder[] InputObject { get; set; } = [];

    /// <summary>Their names; wildcards are allowed.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Name")]
    [SupportsWildcards]
    public string[] Name { get; set; } = [];

    /// <summary>Writes the responders, with their last counts.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        IEnumerable<PacketResponder> responders = ParameterSetName == "Object"
            ? InputObject
            : [.. State.Responders.Items.Where(r => Name.Any(name => WildcardPattern.Get(name, WildcardOptions.IgnoreCase).IsMatch(r.Name)))];
        foreach (PacketResponder responder in responders)
        {
            if (ShouldProcess(responder.ToString(), "Stop the responder"))
            {
                responder.Stop();
                if (PassThru)
                {
                    WriteObject(responder);
                }
            }
        }
    }
}
