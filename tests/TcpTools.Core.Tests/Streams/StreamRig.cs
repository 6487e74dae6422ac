using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using TcpTools.Packets;
using TcpTools.Streams;
using TcpTools.Wire;

namespace TcpTools.Tests.Streams;

/// <summary>An assembler, both ends of a connection that send segments into it, and what the assembler told.</summary>
internal sealed class StreamRig : TcpStreamObserver
{
    public static readonly NetworkAddress ClientAddress = NetworkAddress.Parse("10.0.0.1");
    public static readonly NetworkAddress ServerAddress = NetworkAddress.Parse("10.0.0.2");

    private readonly StringBuilder _client = new();
    private readonly StringBuilder _server = new();

    public StreamRig(TcpStreamSettings? settings = null, uint clientNumber = 1000, uint serverNumber = 9000, TcpStreamAssembler? assembler = null)
    {
        ClientNumber = clientNumber;
        ServerNumber = serverNumber;
        Assembler = assembler ?? new TcpStreamAssembler(this, settings);
    }

    public TcpStreamAssembler Assembler { get; }

    /// <summary>The SYN's number; data starts one further on.</summary>
    public uint ClientNumber { get; set; }

    public uint ServerNumber { get; set; }

    public ushort ClientPort { get; set; } = 40000;

    public ushort ServerPort { get; set; } = 80;

    public ushort Window { get; set; } = 65535;

    public Instant Time { get; set; } = Instant.FromSeconds(1000);

    /// <summary>What happened, a word for each: open, data, urgent, gap, fin, end state, anomaly kind.</summary>
    public List<string> Log { get; } = [];

    public List<StreamAnomaly> Anomalies { get; } = [];

    public List<StreamGap> Gaps { get; } = [];

    public List<TcpStream> Ended_ { get; } = [];

    public TcpStream? Stream { get; private set; }

    /// <summary>Data told of the client, gaps shown as [n].</summary>
    public string ClientText => _client.ToString();

    public string ServerText => _server.ToString();

    public IEnumerable<StreamAnomalyKind> Kinds => Anomalies.Select(a => a.Kind);

    public static byte[] Packet(
        NetworkAddress source, NetworkAddress destination, ushort from, ushort to, TcpFlags flags, uint number, uint ack, ReadOnlySpan<byte> data,
        ushort window = 65535, byte[]? options = null, ushort urgent = 0)
    {
        options ??= [];
        byte[] tcp = new byte[20 + options.Length + data.Length];
        options.CopyTo(tcp, 20);
        data.CopyTo(tcp.AsSpan(20 + options.Length));
        TcpEditor editor = new(tcp)
        {
            SourcePort = from,
            DestinationPort = to,
            Sequence = new(number),
            Acknowledgment = new(ack),
            DataOffset = 20 + options.Length,
            Flags = flags,
            Window = window,
            UrgentPointer = urgent,
        };
        editor.UpdateChecksum(source, destination);
        return source.IsIPv6 ? [.. Header6(source, destination, tcp.Length), .. tcp] : [.. Header4(source, destination, IPProtocol.Tcp, tcp.Length), .. tcp];
    }

    public static byte[] Header4(NetworkAddress source, NetworkAddress destination, byte protocol, int length, ushort id = 1, int offset = 0, bool more = false)
    {
        byte[] header = new byte[20];
        IPv4Editor editor = new(header)
        {
            Version = 4,
            HeaderLength = 20,
            TotalLength = (ushort)(20 + length),
            TimeToLive = 64,
            Identification = id,
            FragmentOffset = offset,
            MoreFragments = more,
            Protocol = protocol,
            Source = source,
            Destination = destination,
        };
        editor.UpdateChecksum();
        return header;
    }

    public override void Opened(TcpStream stream)
    {
        Stream = stream;
        Log.Add("open");
    }

    public override void Data(TcpStream stream, in StreamData data)
    {
        string text = Encoding.Latin1.GetString(data.Bytes);
        (data.Direction == StreamDirection.FromClient ? _client : _server).Append(text);
        Log.Add($"{(data.Direction == StreamDirection.FromClient ? '>' : '<')}{text}");
    }

    public override void Urgent(TcpStream stream, in StreamData data) => Log.Add("urgent " + Encoding.Latin1.GetString(data.Bytes));

    public override void Gap(TcpStream stream, StreamGap gap)
    {
        Gaps.Add(gap);
        (gap.Direction == StreamDirection.FromClient ? _client : _server).Append("[" + gap.Length + "]");
        Log.Add($"gap {gap.Length} {gap.Reason}");
    }

    public override void Finished(TcpStream stream, StreamDirection direction) =>
        Log.Add(direction == StreamDirection.FromClient ? "fin>" : "fin<");

    public override void Ended(TcpStream stream)
    {
        Ended_.Add(stream);
        Log.Add(stream.State.ToString());
    }

    public override void Anomaly(StreamAnomaly anomaly)
    {
        Anomalies.Add(anomaly);
        Log.Add("!" + anomaly.Kind);
    }

    /// <summary>A segment of the client's, numbers counted from its first byte of data.</summary>
    public void Client(long offset, string data = "", TcpFlags flags = TcpFlags.Ack, long ack = 0, byte[]? options = null, ushort urgent = 0) => Feed(Packet(
        ClientAddress, ServerAddress, ClientPort, ServerPort, flags, (uint)(ClientNumber + 1 + offset), (uint)(ServerNumber + 1 + ack), Encoding.Latin1.GetBytes(data), Window, options, urgent));

    public void Server(long offset, string data = "", TcpFlags flags = TcpFlags.Ack, long ack = 0, byte[]? options = null, ushort urgent = 0) => Feed(Packet(
        ServerAddress, ClientAddress, ServerPort, ClientPort, flags, (uint)(ServerNumber + 1 + offset), (uint)(ClientNumber + 1 + ack), Encoding.Latin1.GetBytes(data), Window, options, urgent));

    public void Feed(byte[] packet)
    {
        Assembler.Receive(packet, PacketStart.IP, Time);
        Time += TimeSpan.FromMilliseconds(1);
    }

    public StreamRig Open(byte[]? options = null)
    {
        Client(-1, "", TcpFlags.Syn, -1 - (long)ServerNumber, options);
        Server(-1, "", TcpFlags.Syn | TcpFlags.Ack, 0, options);
        Client(0);
        return this;
    }

    public void Wait(double seconds)
    {
        Time += TimeSpan.FromSeconds(seconds);
        Assembler.Advance(Time);
    }

    private static byte[] Header6(NetworkAddress source, NetworkAddress destination, int length)
    {
        byte[] header = new byte[40];
        header[0] = 0x60;
        header[4] = (byte)(length >> 8);
        header[5] = (byte)length;
        header[6] = IPProtocol.Tcp;
        header[7] = 64;
        source.TryWriteBytes(header.AsSpan(8));
        destination.TryWriteBytes(header.AsSpan(24));
        return header;
    }
}
