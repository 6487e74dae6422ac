using System.Globalization;
using System.Management.Automation;
using System.Threading;
using TcpTools.Links;

namespace TcpTools.PowerShell;

/// <summary>Makes a wire in memory with two ends for stacks and raw packets.</summary>
[Cmdlet(VerbsCommon.New, "PacketWire")]
[OutputType(typeof(ImpairedWire))]
public sealed class NewPacketWireCommand : ImpairmentCmdlet
{
    private static int s_count;

    /// <summary>The wire's name.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <summary>The largest IP packet, in bytes, that passes.</summary>
    [Parameter]
    [ValidateRange(68, 65535)]
    public int Mtu { get; set; } = 1500;

    /// <summary>What frames start with.</summary>
    [Parameter]
    public LinkMedium Medium { get; set; } = LinkMedium.IP;

    /// <summary>Frames start with an Ethernet header, and stacks on the wire find each other by ARP.</summary>
    [Parameter]
    public SwitchParameter Ethernet { get; set; }

    /// <summary>How many frames wait in each direction at most.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int QueueLimit { get; set; } = 1024;

    /// <summary>Seed of all chances on the wire.</summary>
    [Parameter]
    public ulong Seed { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        PacketWireOptions options = new()
        {
            Name = Name ?? string.Create(CultureInfo.InvariantCulture, $"wire{Interlocked.Increment(ref s_count)}"),
            Mtu = Mtu,
            Medium = Ethernet ? LinkMedium.Ethernet : Medium,
            QueueLimit = QueueLimit,
        };
        RandomSource random = MyInvocation.BoundParameters.ContainsKey(nameof(Seed))
            ? RandomSource.FromSeed(Seed)
            : RandomSource.System;
        WriteObject(new ImpairedWire(options, Change(Impairment.None), random));
    }
}
