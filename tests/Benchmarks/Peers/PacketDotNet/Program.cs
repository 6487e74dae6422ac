// What the benchmark asks of PacketDotNet: OPERATION SECONDS [FILE] prints one number, a rate per second. Its own
// segments carry no options: setting options on a new TcpPacket throws.
using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Net;
using System.Net.NetworkInformation;
using PacketDotNet;

byte[] payload = new byte[512];
long sink = 0;
double seconds = double.Parse(args[1], CultureInfo.InvariantCulture);
double result = args[0] switch
{
    "build" => Rate(() => sink += Finish(Make()).Length),
    "build-reused" => Reused(),
    "parse" => Parse(),
    "import" => Import(args[2]),
    _ => throw new ArgumentException("unknown operation " + args[0]),
};
Console.WriteLine(result.ToString("F3", CultureInfo.InvariantCulture));

EthernetPacket Make()
{
    TcpPacket tcp = new(40000, 80) { SequenceNumber = 1, AcknowledgmentNumber = 2, Push = true, Acknowledgment = true, PayloadData = payload };
    IPv4Packet ip = new(IPAddress.Parse("10.9.0.1"), IPAddress.Parse("10.9.0.2")) { PayloadPacket = tcp };
    return new EthernetPacket(PhysicalAddress.Parse("02-00-00-00-00-01"), PhysicalAddress.Parse("02-00-00-00-00-02"), EthernetType.IPv4)
    {
        PayloadPacket = ip,
    };
}

byte[] Finish(EthernetPacket frame)
{
    frame.UpdateCalculatedValues();
    IPv4Packet ip = (IPv4Packet)frame.PayloadPacket;
    ip.UpdateIPChecksum();
    ((TcpPacket)ip.PayloadPacket).UpdateTcpChecksum();
    return frame.Bytes;
}

double Reused()
{
    EthernetPacket kept = Make();
    TcpPacket tcp = kept.Extract<TcpPacket>();
    return Rate(() =>
    {
        tcp.SequenceNumber++;
        sink += Finish(kept).Length;
    });
}

double Parse()
{
    // The twenty bytes of options of every other library's frame: they can be parsed.
    byte[] bare = Finish(Make());
    byte[] options = [2, 4, 5, 180, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2, 1, 3, 3, 7];
    byte[] data = [.. bare[..54], .. options, .. bare[54..]];
    data[46] = 0xA0;
    data[17] += 20;
    EthernetPacket frame = (EthernetPacket)Packet.ParsePacket(LinkLayers.Ethernet, data);
    data = Finish(frame);
    return Rate(() =>
    {
        Packet packet = Packet.ParsePacket(LinkLayers.Ethernet, data);
        IPv4Packet ip = packet.Extract<IPv4Packet>();
        TcpPacket tcp = packet.Extract<TcpPacket>();
        sink += tcp.DestinationPort + tcp.OptionsCollection.Count + (ip.ValidIPChecksum && tcp.ValidTcpChecksum ? 1 : 0);
    });
}

double Import(string path)
{
    byte[] file = File.ReadAllBytes(path);
    long done = 0;
    long start = Stopwatch.GetTimestamp();
    do
    {
        // Classic pcap by hand: a 24-byte head, then records of 16 bytes and data.
        for (int at = 24; at + 16 <= file.Length; done++)
        {
            int length = BitConverter.ToInt32(file, at + 8);
            Packet packet = Packet.ParsePacket(LinkLayers.Ethernet, file[(at + 16)..(at + 16 + length)]);
            sink += packet.Extract<TcpPacket>().DestinationPort;
            at += 16 + length;
        }
    }
    while (Stopwatch.GetElapsedTime(start).TotalSeconds < seconds);
    return done / Stopwatch.GetElapsedTime(start).TotalSeconds;
}

double Rate(Action work)
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
