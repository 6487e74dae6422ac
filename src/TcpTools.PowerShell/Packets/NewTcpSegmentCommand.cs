using System.Management.Automation;
using TcpTools.Packets;
using TcpTools.Wire;

namespace TcpTools.PowerShell;

/// <summary>Builds TCP segments.</summary>
[Cmdlet(VerbsCommon.New, "TcpSegment")]
[OutputType(typeof(Packet))]
public sealed class NewTcpSegmentCommand : PacketCmdlet
{
    /// <summary>The port it goes to.</summary>
    [Parameter(Position = 0)]
    [NumberSetTransform(ushort.MaxValue)]
    [ArgumentCompleter(typeof(WellKnownPortCompleter))]
    [Alias("Port")]
    public NumberSet? DestinationPort { get; set; }

    /// <summary>The port it comes from.</summary>
    [Parameter(Position = 1)]
    [NumberSetTransform(ushort.MaxValue)]
    public NumberSet? SourcePort { get; set; }

    /// <summary>The control bits.</summary>
    [Parameter]
    [TcpFlagsSetTransform]
    [ArgumentCompleter(typeof(TcpFlagsCompleter))]
    public TcpFlags[]? Flags { get; set; }

    /// <summary>The sequence number.</summary>
    [Parameter]
    [NumberSetTransform(uint.MaxValue)]
    [Alias("Seq")]
    public NumberSet? Sequence { get; set; }

    /// <summary>The acknowledgment number.</summary>
    [Parameter]
    [NumberSetTransform(uint.MaxValue)]
    [Alias("Ack")]
    public NumberSet? Acknowledgment { get; set; }

    /// <summary>The window field.</summary>
    [Parameter]
    [NumberSetTransform(ushort.MaxValue)]
    public NumberSet? Window { get; set; }

    /// <summary>The urgent pointer.</summary>
    [Parameter]
    [NumberSetTransform(ushort.MaxValue)]
    public NumberSet? UrgentPointer { get; set; }

    /// <summary>The options in order.</summary>
    [Parameter]
    [TcpOptionTransform]
    [ArgumentCompleter(typeof(TcpSegmentOptionCompleter))]
    public TcpOption[] Option { get; set; } = [];

    /// <summary>The checksum, instead of the right one.</summary>
    [Parameter]
    [NumberSetTransform(ushort.MaxValue)]
    public NumberSet? Checksum { get; set; }

    /// <summary>The header length in bytes, instead of the right one.</summary>
    [Parameter]
    [NumberSetTransform(60)]
    public NumberSet? DataOffset { get; set; }

    /// <summary>Signs the segment by MD5 with this key.</summary>
    [Parameter]
    [SecretTransform]
    public byte[]? Md5Key { get; set; }

    /// <inheritdoc/>
    protected override void Process() => Emit(new Product<TcpLayer>()
        .With([Option], (tcp, options) => tcp.Options = [.. options])
        .With(DestinationPort, (tcp, port) => tcp.DestinationPort = (ushort)port)
        .With(SourcePort, (tcp, port) => tcp.SourcePort = (ushort)port)
        .With(Flags, (tcp, flags) => tcp.Flags = flags)
        .With(Sequence, (tcp, sequence) => tcp.Sequence = (uint)sequence)
        .With(Acknowledgment, (tcp, sequence) => tcp.Acknowledgment = (uint)sequence)
        .With(Window, (tcp, window) => tcp.Window = (ushort)window)
        .With(UrgentPointer, (tcp, pointer) => tcp.UrgentPointer = (ushort)pointer)
        .With(Checksum, (tcp, checksum) => tcp.Checksum = (ushort)checksum)
        .With(DataOffset, (tcp, length) => tcp.DataOffset = (int)length));

    private protected override void Finish(Packet packet)
    {
        if (Md5Key is null)
        {
            return;
        }

        if (packet.IP is null)
        {
            throw new StackException(
                StackError.InvalidArgument,
                "A signature covers the addresses, and the segment has no IP header around it.",
                "Pipe in a packet of New-IPPacket.");
        }

        TcpMd5Signature.Sign(packet, Md5Key);
    }
}
