using System;
using System.Linq;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>
/// An ICMP message for IPv4 (RFC 792). Its second word is read differently by type: identifier and sequence number,
/// next-hop MTU, gateway and pointer are views of one <see cref="IcmpMessageLayer.RestOfHeader"/>.
/// </summary>
public sealed class IcmpLayer : IcmpMessageLayer
{
    /// <summary>An echo request.</summary>
    public IcmpLayer() => Type = IcmpType.EchoRequest;

    /// <inheritdoc/>
    public override string Name => "ICMP";

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

    /// <summary>Timestamp: when the request was sent, in milliseconds since midnight UT.</summary>
    public uint OriginateTimestamp
    {
        get => WireField.Read32(Fields, 0);
        set => WireField.Write32(OpenFields(12), 0, value);
    }

    /// <summary>Timestamp reply: when the request arrived, in milliseconds since midnight UT.</summary>
    public uint ReceiveTimestamp
    {
        get => WireField.Read32(Fields, 4);
        set => WireField.Write32(OpenFields(12), 4, value);
    }

    /// <summary>Timestamp reply: when the reply was sent, in milliseconds since midnight UT.</summary>
    public uint TransmitTimestamp
    {
        get => WireField.Read32(Fields, 8);
        set => WireField.Write32(OpenFields(12), 8, value);
    }

    /// <summary>Address mask request and reply: the mask (RFC 950).</summary>
    public NetworkAddress AddressMask
    {
        get => NetworkAddress.FromIPv4(WireField.Read32(Fields, 0));
        set => WireField.Write32(OpenFields(4), 0, value.IPv4Bits);
    }

    /// <summary>Router advertisement: for how many seconds the addresses are valid (RFC 1256).</summary>
    public ushort Lifetime
    {
        get => Sequence;
        set => Sequence = value;
    }

    /// <summary>
    /// Router advertisement: the addresses with how much each is preferred (RFC 1256). Setting them sets the header's count
    /// and size of entries too.
    /// </summary>
    public IcmpRouter[] Routers
    {
        get
        {
            int size = 4 * (byte)(RestOfHeader >> 16);
            return size < 8 || Type != IcmpType.RouterAdvertisement ? [] :
            [
                .. Enumerable.Range(0, Math.Min((int)(RestOfHeader >> 24), Fields.Length / size)).Select(i => new IcmpRouter(
                    NetworkAddress.FromIPv4(WireField.Read32(Fields, i * size)), (int)WireField.Read32(Fields, (i * size) + 4))),
            ];
        }

        set
        {
            value ??= [];
            byte[] fields = new byte[8 * value.Length];
            for (int i = 0; i < value.Length; i++)
            {
                WireField.Write32(fields, 8 * i, value[i].Address.IPv4Bits);
                WireField.Write32(fields, (8 * i) + 4, (uint)value[i].Preference);
            }

            SetFields(fields);
            RestOfHeader = (RestOfHeader & 0xFFFF) | ((uint)(byte)value.Length << 24) | (2 << 16);
        }
    }

    /// <inheritdoc/>
    public override bool IsError => IcmpType.IsError(Type);

    internal override byte? ProtocolNumber => IPProtocol.Icmp;

    internal override bool IsExtensible =>
        Type is IcmpType.DestinationUnreachable or IcmpType.TimeExceeded or IcmpType.ParameterProblem;

    internal override int LengthUnit => 4;

    private protected override int LengthShift => 16;

    private protected override int FieldsLength =>
        Type == IcmpType.RouterAdvertisement ? Fields.Length : MeasureFields(Type, RestOfHeader, 0);

    /// <summary>Bytes of fields behind the header of a message with so many bytes there.</summary>
    internal static int MeasureFields(byte type, uint restOfHeader, int available) => type switch
    {
        IcmpType.TimestampRequest or IcmpType.TimestampReply => 12,
        IcmpType.AddressMaskRequest or IcmpType.AddressMaskReply => 4,
        IcmpType.RouterAdvertisement => Math.Min(4 * (byte)(restOfHeader >> 16) * (int)(restOfHeader >> 24), available),
        _ => 0,
    };

    private protected override ushort ComputeChecksum(in LayerPlace place) => InternetChecksum.Compute(place.Whole);

    private protected override string? NameType(byte type) => FieldText.OfIcmpType(type);

    private protected override void DescribeFields(FieldSink sink)
    {
        switch (Type)
        {
            case var type when IcmpType.HasIdentifier(type):
                sink.Number(nameof(Identifier), 32, 16);
                sink.Number(nameof(Sequence), 48, 16);
                break;
            case IcmpType.DestinationUnreachable when Code == IcmpCode.FragmentationNeeded:
                sink.Number(nameof(NextHopMtu), 48, 16);
                break;
            case IcmpType.Redirect:
                sink.Address(nameof(Gateway), 4, 4);
                break;
            case IcmpType.ParameterProblem:
                sink.Number(nameof(Pointer), 32, 8);
                break;
            case IcmpType.RouterAdvertisement:
                sink.Number(nameof(Lifetime), 48, 16);
                break;
            case var _ when !IsExtensible:
                sink.Number(nameof(RestOfHeader), 32, 32, FieldStyle.Hex);
                break;
        }

        switch (Type)
        {
            case IcmpType.TimestampRequest or IcmpType.TimestampReply:
                sink.Number(nameof(OriginateTimestamp), 64, 32);
                sink.Number(nameof(ReceiveTimestamp), 96, 32);
                sink.Number(nameof(TransmitTimestamp), 128, 32);
                break;
            case IcmpType.AddressMaskRequest or IcmpType.AddressMaskReply:
                sink.Address(nameof(AddressMask), 8, 4);
                break;
            case IcmpType.RouterAdvertisement:
                sink.Data(nameof(Routers), 8, Fields.Length);
                break;
        }
    }

    /// <summary>What the message says, as tcpdump prints it.</summary>
    public override string ToString() => PacketText.Describe(this);
}

/// <summary>One address in a router advertisement for IPv4 (RFC 1256, 3).</summary>
/// <param name="Address">The router's address.</param>
/// <param name="Preference">How much it is preferred; the least value for not at all.</param>
public readonly record struct IcmpRouter(NetworkAddress Address, int Preference);
