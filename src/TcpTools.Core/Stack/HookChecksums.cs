using System;
using TcpTools.Wire;

namespace TcpTools.Stack;

/// <summary>Checksums made right again after a packet's bytes were changed.</summary>
internal static class HookChecksums
{
    /// <summary>
    /// Computes the checksums of an IPv4 packet and of the TCP, UDP or ICMP in it. What has no such header, and a part of a
    /// packet's checksum that covers all of it, stays as it is.
    /// </summary>
    public static void Update(Span<byte> packet)
    {
        IPv4View view = new(packet);
        if (!view.HasValidHeader)
        {
            return;
        }

        new IPv4Editor(packet).UpdateChecksum();
        int start = view.HeaderLength;
        int end = Math.Min(packet.Length, view.TotalLength);
        if (view.IsFragment || end <= start)
        {
            return;
        }

        Span<byte> content = packet[start..end];
        switch (view.Protocol)
        {
            case IPProtocol.Tcp:
                new TcpEditor(content).UpdateChecksum(view.Source, view.Destination);
                break;
            case IPProtocol.Udp when new UdpView(content).HasChecksum:
                new UdpEditor(content).UpdateChecksum(view.Source, view.Destination);
                break;
            case IPProtocol.Icmp:
                new Icmpv4Editor(content).UpdateChecksum();
                break;
            default:
                break;
        }
    }
}
