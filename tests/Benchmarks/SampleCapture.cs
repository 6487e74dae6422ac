using System;
using System.IO;
using TcpTools.Capture;
using TcpTools.Wire;

namespace TcpTools.Benchmarks;

/// <summary>
/// A capture file of TCP connections as a busy server has them: handshakes, full segments of sixteen connections in turns,
/// acknowledgments, ends; classic pcap with microseconds, which every library reads.
/// </summary>
internal static class SampleCapture
{
    private const int Connections = 16;
    private const int SegmentLength = 1448;
    private const int SegmentsPerConnection = 400;

    /// <summary>Writes a file of at least so many bytes and gives the number of its packets.</summary>
    public static int Write(string path, long bytes)
    {
        Frames frames = new();
        using PcapWriter writer = PcapWriter.Create(path, new PcapWriterOptions { Format = CaptureFormat.Pcap, Nanoseconds = false });
        int packets = 0;
        long time = 1_700_000_000_000_000_000;
        CaptureInterface device = new() { Name = "sample", LinkType = CaptureLinkType.Ethernet };
        writer.AddInterface(device);
        for (int round = 0; writer.BytesWritten < bytes; round++)
        {
            uint sequence = 1;
            for (int c = 0; c < Connections; c++)
            {
                Put(frames.Make(round, c, fromClient: true, 0, 0, TcpFlags.Syn, 0));
                Put(frames.Make(round, c, fromClient: false, 0, 1, TcpFlags.Syn | TcpFlags.Ack, 0));
                Put(frames.Make(round, c, fromClient: true, 1, 1, TcpFlags.Ack, 0));
            }

            for (int i = 0; i < SegmentsPerConnection; i++, sequence += SegmentLength)
            {
                for (int c = 0; c < Connections; c++)
                {
                    Put(frames.Make(round, c, fromClient: true, sequence, 1, TcpFlags.Psh | TcpFlags.Ack, SegmentLength));
                    if (i % 2 == 1)
                    {
                        Put(frames.Make(round, c, fromClient: false, 1, sequence + SegmentLength, TcpFlags.Ack, 0));
                    }
                }
            }

            for (int c = 0; c < Connections; c++)
            {
                Put(frames.Make(round, c, fromClient: true, sequence, 1, TcpFlags.Fin | TcpFlags.Ack, 0));
                Put(frames.Make(round, c, fromClient: false, 1, sequence + 1, TcpFlags.Fin | TcpFlags.Ack, 0));
                Put(frames.Make(round, c, fromClient: true, sequence + 1, 2, TcpFlags.Ack, 0));
            }
        }

        return packets;

        void Put(ReadOnlySpan<byte> frame)
        {
            writer.Write(new CapturedFrame { Bytes = frame, Timestamp = new CaptureTime(time), Interface = device });
            time += 1000;
            packets++;
        }
    }

    private sealed class Frames
    {
        private const int HeaderLength = EthernetView.HeaderLength + IPv4View.MinimumHeaderLength + TcpView.MinimumHeaderLength + 12;

        private readonly byte[] _frame = new byte[HeaderLength + SegmentLength];

        public Frames()
        {
            for (int i = HeaderLength; i < _frame.Length; i++)
            {
                _frame[i] = (byte)i;
            }
        }

        public ReadOnlySpan<byte> Make(
            int round, int connection, bool fromClient, uint sequence, uint acknowledgment, TcpFlags flags, int length)
        {
            Span<byte> frame = _frame.AsSpan(0, HeaderLength + length);
            frame[..HeaderLength].Clear();
            EthernetEditor ethernet = new(frame);
            ethernet.Destination = MacAddress.Parse("02:00:00:00:00:02");
            ethernet.Source = MacAddress.Parse("02:00:00:00:00:01");
            ethernet.EtherType = EtherType.IPv4;
            NetworkAddress client = NetworkAddress.FromIPv4(0x0A090000 | (uint)(1 + (round % 250)));
            NetworkAddress server = NetworkAddress.FromIPv4(0x0A0A0001);
            PacketWork.WriteIP(frame[EthernetView.HeaderLength..], fromClient ? client : server, fromClient ? server : client);
            Span<byte> segment = frame[(EthernetView.HeaderLength + IPv4View.MinimumHeaderLength)..];
            ushort port = (ushort)(20000 + connection + (round / 250 * Connections));
            TcpEditor tcp = new(segment)
            {
                SourcePort = fromClient ? port : (ushort)80,
                DestinationPort = fromClient ? (ushort)80 : port,
                Sequence = new SequenceNumber(sequence),
                Acknowledgment = new SequenceNumber(acknowledgment),
                DataOffset = TcpView.MinimumHeaderLength + 12,
                Flags = flags,
                Window = 65000,
            };
            TcpOptionWriter options = new(segment[TcpView.MinimumHeaderLength..]);
            options.AddNop();
            options.AddNop();
            options.AddTimestamps(sequence, acknowledgment);
            tcp.UpdateChecksum(fromClient ? client : server, fromClient ? server : client);
            return frame;
        }
    }
}
