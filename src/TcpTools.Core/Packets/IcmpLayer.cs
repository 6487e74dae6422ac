using System;
using System.Collections.Generic;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>
/// An ICMP message for IPv4 (RFC 792). Its second word is read differently by type: identifier and sequence number,
/// next-hop MTU, gateway and pointer are views of one <see cref="RestOfHeader"/>.
/// </summary>
public sealed class IcmpLayer : PacketLayer
{
    private ushort? _checksum;

    /// <inheritdoc/>
    public override string Name => "ICMP";

    /// <inheritdoc cref="Icmpv4View.Type"/>
    public byte Type { get; set; } = IcmpType.EchoRequest;

    /// <inheritdoc cref="Icmpv4View.Code"/>
    public byte Code { get; set; }

    /// <summary>The checksum; computed over the whole message.</summary>
    public ushort? Checksum
    {
        get => _checksum ?? new Icmpv4View(BuildHeader()).Checksum;
        set => _checksum = value;
    }

    /// <inheritdoc cref="Icmpv4View.RestOfHeader"/>
    public uint RestOfHeader { get; set; }

    /// <inheritdoc cref="Icmpv4View.Identifier"/>
    public ushort Identifier
    {
        get => (ushort)(RestOfHeader >> 16);
        set => RestOfHeader = (RestOfHeader & 0xFFFF) | ((uint)value << 16);
    }

    /// <inheritdoc cref="Icmpv4View.Sequence"/>
    public ushort Sequence
    {
        get => (ushort)RestOfHeader;
        set => RestOfHeader = (RestOfHeader & 0xFFFF0000) | value;
    }

    /// <inheritdoc cref="Icmpv4View.NextHopMtu"/>
    public ushort NextHopMtu
    {
        get => Sequence;
        set => Sequence = value;
    }

    /// <inheritdoc cref="Icmpv4View.Gateway"/>
    public NetworkAddress Gateway
    {
        get => NetworkAddress.FromIPv4(RestOfHeader);
        set => RestOfHeader = value.IPv4Bits;
    }

    /// <inheritdoc cref="Icmpv4View.Pointer"/>
    public byte Pointer
    {
        get => (byte)(RestOfHeader >> 24);
        set => RestOfHeader = (RestOfHeader & 0xFFFFFF) | ((uint)value << 24);
    }

    /// <summary>Whether this reports an error about another packet.</summary>
    public bool IsError => IcmpType.IsError(Type);

    /// <summary>The packet that an error message quotes, from its IP header on, as far as the quotation goes.</summary>
    public Packet? Quoted { get; set; }

    internal override int FixedLength => Icmpv4View.HeaderLength;

    internal override int BodyLength => Quoted?.GetLength() ?? 0;

    internal override byte? ProtocolNumber => IPProtocol.Icmp;

    internal override void WriteBody(Span<byte> body) => Quoted?.TryWrite(body, out _);

    internal override void Write(in LayerPlace place)
    {
        Icmpv4Editor editor = new(place.Header) { Type = Type, Code = Code, Checksum = 0, RestOfHeader = RestOfHeader };
        editor.Checksum = _checksum ?? InternetChecksum.Compute(place.Whole);
    }

    internal override void Describe(FieldSink sink)
    {
        sink.Number(nameof(Type), 0, 8, meaning: static type => FieldText.OfIcmpType((byte)type));
        sink.Number(nameof(Code), 8, 8);
        sink.Number(nameof(Checksum), 16, 16, FieldStyle.Hex, _checksum is not null);
        switch (Type)
        {
            case var type when IcmpType.HasIdentifier(type):
                sink.Number(nameof(Identifier), 32, 16);
                sink.Number(nameof(Sequence), 48, 16);
                break;
            case IcmpType.DestinationUnreachable when Code == IcmpCode.FragmentationNeeded:
                sink.Number("Unused", 32, 16, FieldStyle.Hex);
                sink.Number(nameof(NextHopMtu), 48, 16);
                break;
            case IcmpType.Redirect:
                sink.Address(nameof(Gateway), 4, 4);
                break;
            case IcmpType.ParameterProblem:
                sink.Number(nameof(Pointer), 32, 8);
                sink.Number("Unused", 40, 24, FieldStyle.Hex);
                break;
            default:
                sink.Number(nameof(RestOfHeader), 32, 32, FieldStyle.Hex);
                break;
        }

        sink.Packet(nameof(Quoted), FixedLength, Quoted);
    }

    private protected override void Detach() => Quoted = Quoted?.Copy();

    private protected override void ListFixedFields(List<string> names)
    {
        if (_checksum is not null)
        {
            names.Add(nameof(Checksum));
        }
    }

    /// <summary>What the message says, as tcpdump prints it.</summary>
    public override string ToString() => PacketText.Describe(this);
}
