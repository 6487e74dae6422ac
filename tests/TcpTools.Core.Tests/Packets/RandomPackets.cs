using System.Collections.Generic;
using TcpTools.Packets;
using TcpTools.Wire;

namespace TcpTools.Tests.Packets;

/// <summary>Sound packets with every field drawn at random; the same for the same seed.</summary>
internal sealed class RandomPackets(ulong seed)
{
    private readonly RandomSource _random = RandomSource.FromSeed(seed);

    public Packet NextIP() => _random.Next(4) switch
    {
        0 => NextHeader() / NextUdp() / NextData(),
        1 => NextHeader() / NextIcmp() / NextData(),
        _ => NextHeader() / NextTcp() / NextData(),
    };

    public Packet NextFrame()
    {
        Packet frame = new EthernetLayer { Source = NextMac(), Destination = NextMac() } / new Packet();
        if (_random.Next(3) == 0)
        {
            frame /= new VlanLayer { Priority = (byte)_random.Next(8), DropEligible = NextBit(), VlanId = (ushort)_random.Next(4096) };
        }

        return _random.Next(8) == 0
            ? frame / new ArpLayer
            {
                Operation = (ushort)(1 + _random.Next(2)),
                SenderHardware = NextMac(),
                SenderProtocol = NextAddress(),
                TargetHardware = NextMac(),
                TargetProtocol = NextAddress(),
            }
            : frame / NextIP();
    }

    private IPv4Layer NextHeader() => new()
    {
        Source = NextAddress(),
        Destination = NextAddress(),
        TimeToLive = (byte)(1 + _random.Next(255)),
        TypeOfService = (byte)_random.Next(256),
        Identification = NextWord(),
        DontFragment = NextBit(),
        Options = _random.Next(4) == 0 ? [IPOption.RouterAlert(), IPOption.NoOperation] : [],
    };

    private TcpLayer NextTcp() => new()
    {
        SourcePort = NextPort(),
        DestinationPort = NextPort(),
        Sequence = _random.NextUInt32(),
        Acknowledgment = _random.NextUInt32(),
        Flags = (TcpFlags)_random.Next(0x100) & ~TcpFlags.Urg,
        Window = NextWord(),
        Options = [.. NextOptions()],
    };

    private IEnumerable<TcpOption> NextOptions()
    {
        if (NextBit())
        {
            yield return new TcpMaximumSegmentSizeOption((ushort)(536 + _random.Next(9000)));
        }

        if (NextBit())
        {
            yield return new TcpSackPermittedOption();
        }

        if (NextBit())
        {
            yield return new TcpTimestampsOption(_random.NextUInt32(), _random.NextUInt32());
        }

        if (NextBit())
        {
            yield return TcpNoOperationOption.Instance;
            yield return new TcpWindowScaleOption((byte)_random.Next(15));
        }

        if (NextBit())
        {
            uint left = _random.NextUInt32();
            yield return new TcpSackOption(new SackBlock(new(left), new(left + 1000)));
        }
    }

    private UdpLayer NextUdp() => new() { SourcePort = NextPort(), DestinationPort = NextPort() };

    private IcmpLayer NextIcmp() => new()
    {
        Type = NextBit() ? IcmpType.EchoRequest : IcmpType.EchoReply,
        Identifier = NextWord(),
        Sequence = NextWord(),
    };

    private byte[] NextData()
    {
        byte[] data = new byte[_random.Next(3) == 0 ? 0 : 1 + _random.Next(300)];
        for (int i = 0; i < data.Length; i++)
        {
            data[i] = (byte)_random.Next(256);
        }

        return data;
    }

    // Unregistered ports, so that nobody takes the data for an application's.
    private ushort NextPort() => (ushort)(61000 + _random.Next(4000));

    private ushort NextWord() => (ushort)_random.Next(65536);

    private bool NextBit() => _random.Next(2) == 0;

    private MacAddress NextMac() => new((_random.NextUInt64() & 0xFCFFFFFFFFFF) | 0x020000000000);

    private NetworkAddress NextAddress() => NetworkAddress.FromIPv4(0x0A000000 | (_random.NextUInt32() & 0xFFFFFF));
}
