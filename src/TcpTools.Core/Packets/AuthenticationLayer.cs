using System;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>The authentication header (RFC 4302), behind IPv6 or IPv4. Its code is data here: neither made nor checked.</summary>
public sealed class AuthenticationLayer : IPv6SizedExtensionLayer
{
    /// <inheritdoc/>
    public override string Name => "AH";

    /// <summary>The reserved 16 bits.</summary>
    public ushort Reserved { get; set; }

    /// <summary>The security parameters index: which agreement between the two the packet belongs to.</summary>
    public uint SecurityParametersIndex { get; set; }

    /// <summary>The sequence number against replays.</summary>
    public uint Sequence { get; set; }

    /// <summary>The integrity check value, padding included; 12 bytes unless set. Filled up to a multiple of 4 on the wire.</summary>
    public byte[] IntegrityCheckValue { get; set => field = value ?? []; } = new byte[12];

    internal override int FixedLength => 12;

    internal override int BodyLength => OptionBytes.FillUp(IntegrityCheckValue.Length);

    internal override byte? ProtocolNumber => IPProtocol.AuthenticationHeader;

    internal override void WriteBody(Span<byte> body)
    {
        IntegrityCheckValue.CopyTo(body);
        body[IntegrityCheckValue.Length..].Clear();
    }

    internal override void Write(in LayerPlace place)
    {
        base.Write(place);
        WireField.Write16(place.Header, 2, Reserved);
        WireField.Write32(place.Header, 4, SecurityParametersIndex);
        WireField.Write32(place.Header, 8, Sequence);
    }

    internal override void Describe(FieldSink sink)
    {
        base.Describe(sink);
        sink.Number(nameof(Reserved), 16, 16, FieldStyle.Hex);
        sink.Number(nameof(SecurityParametersIndex), 32, 32, FieldStyle.Hex);
        sink.Number(nameof(Sequence), 64, 32);
        sink.Data(nameof(IntegrityCheckValue), FixedLength);
    }

    private protected override void Detach() => IntegrityCheckValue = [.. IntegrityCheckValue];

    /// <summary>Units of 4 bytes, the first two not counted.</summary>
    private protected override byte ComputeLength(int length) => (byte)Math.Clamp((length / 4) - 2, 0, byte.MaxValue);

    /// <summary>Index and sequence number, as tcpdump prints them.</summary>
    public override string ToString() => $"AH spi=0x{SecurityParametersIndex:x8},seq=0x{Sequence:x}";
}
