using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using TcpTools.Fragments;
using TcpTools.Lab;
using TcpTools.Links;
using TcpTools.Packets;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Kernel;

/// <summary>A kernel puts our fragments together, and we put its together.</summary>
[Trait("Category", "Root")]
public sealed class FragmentKernelTests
{
    [RootTheory]
    [InlineData("10.9.0.1", "10.9.0.2")]
    [InlineData("fd09::1", "fd09::2")]
    public void Datagrams_cross_in_fragments_of_either_maker(string kernel, string own)
    {
        using LabNamespace place = LabNamespace.Create();
        using TunLink tun = TunLink.Open(new TunOptions
        {
            NetworkNamespace = place.Name,
            Address = InterfaceAddress.Parse("10.9.0.1/24"),
            Offload = false,
        });
        _ = Tool.Run("ip", "-n", place.Name, "-6", "addr", "add", "fd09::1/64", "dev", tun.Name, "nodad");
        IPEndPoint here = new(IPAddress.Parse(kernel), 7000);
        using Socket socket = place.Do(() =>
        {
            Socket made = new(here.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            made.Bind(here);
            return made;
        });
        socket.ReceiveTimeout = 5000;
        using LinkPort port = new(tun);
        PacketFragmenter fragmenter = new(RandomSource.FromSeed(1));
        byte[] received = new byte[65536];
        foreach (int length in new[] { 100, 1500, 5000, 30_001, 65_000 })
        {
            byte[] data = [.. Enumerable.Range(0, length).Select(i => (byte)(i * 13))];
            NetworkAddress source = NetworkAddress.Parse(own);
            NetworkAddress destination = NetworkAddress.Parse(kernel);
            IPLayer header = source.IsIPv4
                ? new IPv4Layer { Source = source, Destination = destination, Identification = (ushort)length }
                : new IPv6Layer { Source = source, Destination = destination };
            Packet packet = header / new UdpLayer { SourcePort = 7001, DestinationPort = 7000 } / data;
            foreach (Packet fragment in fragmenter.Split(packet, new() { Mtu = 1280 }).Reverse())
            {
                port.Send(fragment.ToBytes());
            }

            EndPoint peer = new IPEndPoint(here.Address, 0);
            Assert.Equal(length, socket.ReceiveFrom(received, ref peer));
            Assert.True(received.AsSpan(0, length).SequenceEqual(data));

            socket.SendTo(data, peer);
            PacketReassembler reassembler = new();
            Packet? whole = null;
            while (whole?.Udp is null)
            {
                byte[] frame = port.Receive(TimeSpan.FromSeconds(5), default) ?? throw new TimeoutException($"{length} bytes");
                reassembler.Add(Packet.FromFrame(frame), out whole);
            }

            Assert.Equal(data, whole.ToBytes()[^length..]);
            Assert.Empty(whole.Anomalies);
        }
    }

    [RootFact("tshark")]
    public void Tshark_puts_our_fragments_together_as_we_do()
    {
        PacketFragmenter fragmenter = new(RandomSource.FromSeed(2));
        string path = System.IO.Path.GetTempFileName();
        try
        {
            List<Packet> packets = [];
            using (TcpTools.Capture.PcapWriter writer = TcpTools.Capture.PcapWriter.Create(path))
            {
                TcpTools.Capture.CaptureInterface on = new();
                foreach (int version in new[] { 4, 6 })
                {
                    Packet packet = Fragments.FragmentSamples.Datagram(version, 3000 + version);
                    packets.Add(packet);
                    foreach (Packet fragment in fragmenter.Split(packet, new() { DataSize = 700 + version }).Reverse())
                    {
                        byte[] bytes = fragment.ToBytes();
                        writer.Write(new TcpTools.Capture.CapturedFrame { Bytes = bytes, Interface = on });
                    }
                }
            }

            string output = Tool.Run(
                "tshark", "-r", path, "-Y", "udp", "-T", "fields", "-e", "udp.length", "-e", "udp.checksum.status", "-e", "udp.payload",
                "-o", "udp.check_checksum:TRUE");
            string[] lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal(
                packets.Select(packet => $"{packet.Payload!.Length + 8}\t1\t{Convert.ToHexStringLower(packet.Payload.Data)}"),
                lines.Select(line => line.Trim()));
        }
        finally
        {
            System.IO.File.Delete(path);
        }
    }
}
