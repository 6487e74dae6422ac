using System.Management.Automation;
using TcpTools.Packets;
using TcpTools.Wire;

namespace TcpTools.PowerShell;

/// <summary>Builds a TCP segment.</summary>
[Cmdlet(VerbsCommon.New, "TcpSegment")]
[OutputType(typeof(Packet))]
public sealed class NewTcpSegmentCommand : PacketCmdlet
{
    /// <summary>The port it goes to.</summary>
    [Parameter(Position = 0)]
    [ArgumentCompleter(typeof(WellKnownPortCompleter))]
    public ushort DestinationPort { get; set; } = 80;

    /// <summary>The port it comes from.</summary>
    [Parameter(Position = 1)]
    public ushort SourcePort { get; set; } = 20;

    /// <summary>The control bits.</summary>
    [Parameter]
    [TcpFlagsTransform]
    [ArgumentCompleter(typeof(TcpFlagsCompleter))]
    public TcpFlags Flags { get; set; } = TcpFlags.Syn;

    /// <summary>The sequence number.</summary>
    [Parameter]
    [Alias("Seq")]
    public uint Sequence { get; set; }

    /// <summary>The acknowledgment number.</summary>
    [Parameter]
    [Alias("Ack")]
    public uint Acknowledgment { get; set; }

    /// <summary>The window field.</summary>
    [Parameter]
    public ushort Window { get; set; } = 8192;

    /// <summary>The urgent pointer.</summary>
    [Parameter]
    public ushort UrgentPointer { get; set; }

    /// <summary>The options in order.</summary>
    [Parameter]
    [TcpOptionTransform]
    [ArgumentCompleter(typeof(TcpSegmentOptionCompleter))]
    public TcpOption[] Option { get; set; } = [];

    /// <summary>The checksum, instead of the right one.</summary>
    [Parameter]
    public ushort Checksum { get; set; }

    /// <summary>The header length in bytes, instead of the right one.</summary>
    [Parameter]
    [ValidateRange(0, 60)]
    public int DataOffset { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        TcpLayer tcp = new()
        {
            SourcePort = SourcePort,
            DestinationPort = DestinationPort,
            Flags = Flags,
            Sequence = Sequence,
            Acknowledgment = Acknowledgment,
            Window = Window,
            UrgentPointer = UrgentPointer,
            Options = [.. Option],
            Checksum = Has(nameof(Checksum)) ? Checksum : null,
            DataOffset = Has(nameof(DataOffset)) ? DataOffset : null,
        };
        Emit(tcp);
    }
}
