using System;
using System.Diagnostics;
using TcpTools.Packets;
using TcpTools.Wire;

namespace TcpTools.Benchmarks;

/// <summary>
/// Building and taking apart one frame, Ethernet/IPv4/TCP with 20 bytes of options and 512 of data, both checksums made
/// and verified: with views over a buffer, and with packet objects.
/// </summary>
internal static class PacketWork
{
    private const int DataLength = 512;
    private const int OptionLength = 20;
    private const int FrameLength =
        EthernetView.HeaderLength + IPv4View.MinimumHeaderLength + TcpView.MinimumHeaderLength + OptionLength + DataLength;

    private static readonly MacAddress s_from = MacAddress.Parse("02:00:00:00:00:01");
    private static readonly MacAddress s_to = MacAddress.Parse("02:00:00:00:00:02");
    private static readonly NetworkAddress s_source = NetworkAddress.Parse("10.9.0.1");
    private static readonly NetworkAddress s_destination = NetworkAddress.Parse("10.9.0.2");
    private static readonly byte[] s_data = new byte[DataLength];
    private static long s_sink;

    /// <summary>How often a second the work can be done.</summary>
    public static double Rate(Action work, double seconds)
    {
        work();
        long done = 0;
        long start = Stopwatch.GetTimestamp();
        double took;
        do
        {
            for (int i = 0; i < 1000; i++)
            {
                work();
            }

            done += 1000;
            took = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
        while (took < seconds);

        return done / took;
    }

    /// <summary>Writes a frame with editors into a buffer that is used again.</summary>
    public static Action BuildWithViews()
    {
        byte[] buffer = new byte[FrameLength];
        uint sequence = 0;
        return () => s_sink += WriteFrame(buffer, sequence++);
    }

    /// <summary>Makes a packet of new layers and its bytes.</summary>
    public static Action BuildObjects() => () => s_sink += MakePacket(7).ToBytes().Length;

    /// <summary>Changes a packet that exists and makes its bytes again.</summary>
    public static Action BuildReusedObject()
    {
        Packet packet = MakePacket(7);
        return () =>
        {
            packet.Tcp!.Sequence++;
            s_sink += packet.ToBytes().Length;
        };
    }

    /// <summary>Reads addresses, ports and every option with views, and verifies both checksums.</summary>
    public static Action ParseWithViews()
    {
        byte[] frame = MakeFrame();
        return () =>
        {
            IPv4View ip = new(new EthernetView(frame).Payload);
            TcpView tcp = new(ip.Payload);
            bool isGood = ip.IsChecksumValid && tcp.IsChecksumValid(ip.Source, ip.Destination);
            TcpOptionReader options = new(tcp.Options);
            while (options.MoveNext())
            {
                s_sink += options.Kind;
            }

            s_sink += isGood ? tcp.DestinationPort : 0;
        };
    }

    /// <summary>Takes a frame apart into a packet, which verifies the checksums too.</summary>
    public static Action ParseObjects()
    {
        byte[] frame = MakeFrame();
        return () => s_sink += Packet.Parse(frame, PacketStart.Ethernet).Tcp!.DestinationPort;
    }

    /// <summary>The IP header in front of what the rest of the span will hold.</summary>
    public static void WriteIP(Span<byte> datagram, NetworkAddress source, NetworkAddress destination)
    {
        IPv4Editor ip = new(datagram)
        {
            Version = 4,
            HeaderLength = IPv4View.MinimumHeaderLength,
            TotalLength = (ushort)datagram.Length,
            TimeToLive = 64,
            Protocol = IPProtocol.Tcp,
            Source = source,
            Destination = destination,
        };
        ip.UpdateChecksum();
    }

    private static byte[] MakeFrame()
    {
        byte[] frame = new byte[FrameLength];
        _ = WriteFrame(frame, 1);
        return frame;
    }

    private static int WriteFrame(Span<byte> frame, uint sequence)
    {
        EthernetEditor ethernet = new(frame);
        ethernet.Destination = s_to;
        ethernet.Source = s_from;
        ethernet.EtherType = EtherType.IPv4;
        WriteIP(frame[EthernetView.HeaderLength..], s_source, s_destination);
        Span<byte> segment = frame[(EthernetView.HeaderLength + IPv4View.MinimumHeaderLength)..];
        TcpEditor tcp = new(segment)
        {
            SourcePort = 40000,
            DestinationPort = 80,
            Sequence = new SequenceNumber(sequence),
            Acknowledgment = new SequenceNumber(2),
            DataOffset = TcpView.MinimumHeaderLength + OptionLength,
            Flags = TcpFlags.Psh | TcpFlags.Ack,
            Window = 8192,
        };
        TcpOptionWriter options = new(segment.Slice(TcpView.MinimumHeaderLength, OptionLength));
        options.AddMaximumSegmentSize(1460);
        options.AddSackPermitted();
        options.AddTimestamps(1, 2);
        options.AddNop();
        options.AddWindowScale(7);
        s_data.CopyTo(segment[(TcpView.MinimumHeaderLength + OptionLength)..]);
        tcp.UpdateChecksum(s_source, s_destination);
        return frame.Length;
    }

    private static Packet MakePacket(uint sequence) => new(
        new EthernetLayer { Destination = s_to, Source = s_from },
        new IPv4Layer { Source = s_source, Destination = s_destination },
        new TcpLayer
        {
            SourcePort = 40000,
            DestinationPort = 80,
            Sequence = sequence,
            Acknowledgment = 2,
            Flags = TcpFlags.Psh | TcpFlags.Ack,
            Options =
            [
                new TcpMaximumSegmentSizeOption(1460),
                new TcpSackPermittedOption(),
                new TcpTimestampsOption(1, 2),
                TcpNoOperationOption.Instance,
                new TcpWindowScaleOption(7),
            ],
        },
        new PayloadLayer(s_data));
}
