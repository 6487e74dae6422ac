using TcpTools.Buffers;
using TcpTools.IP;
using TcpTools.Tcp;
using TcpTools.Wire;

namespace TcpTools.Stack;

/// <content>What connections and the IP layer report, always from within a call into them and under the lock.</content>
public sealed partial class TcpStack
{
    private sealed partial class Callbacks(TcpStack stack) : ITcpEnvironment, IIPv4Environment
    {
        public void Transmit(TcpConnection connection, in OutgoingSegment segment)
        {
            StackSession session = (StackSession)connection.Owner!;
            stack.NoticeRetransmission(session, segment);
            stack.Transmit(session.Key, segment, session.Id, connection.State, stack._now);
        }

        public void ScheduleTimer(TcpConnection connection, Instant deadline)
        {
            StackSession session = (StackSession)connection.Owner!;
            session.ConnectionDeadline = deadline;
            stack.Reschedule(session);
        }

        public int GetPathMtu(TcpConnection connection, Instant now) => stack._ip.GetPathMtu(connection.Key.RemoteAddress, now);

        public void OnStateChanged(TcpConnection connection, TcpState from, TcpState to)
        {
            StackSession session = (StackSession)connection.Owner!;
            stack.OnStateChanged(session, from, to);
        }

        public void OnReadable(TcpConnection connection)
        {
            StackSession session = (StackSession)connection.Owner!;
            stack.Signal(session);
            stack.TellData(session);
            if (stack._hooks is not null)
            {
                stack.HookData(session);
            }
        }

        public void OnWritable(TcpConnection connection) => stack.Signal((StackSession)connection.Owner!);

        public void OnClosed(TcpConnection connection, TcpCloseReason reason) =>
            stack.OnClosed((StackSession)connection.Owner!, reason);

        // Who wants to be silent about unclaimed ports wants to be silent about unclaimed protocols too.
        public bool AcceptsProtocol(byte protocol) => protocol is IPProtocol.Tcp or IPProtocol.Udp
            || (protocol != IPProtocol.Icmp && stack.Options.UnclaimedPorts == UnclaimedPortPolicy.Drop);

        public void Deliver(in IPDatagram datagram, Instant now)
        {
            if (datagram.Protocol == IPProtocol.Tcp)
            {
                if (stack._layers is not null)
                {
                    stack.LiftToLayers(datagram, now);
                }
                else if (stack._hooks is null || !stack.TakeHookedSegment(datagram, now))
                {
                    stack.DeliverTcp(datagram, now);
                }
            }
            else if (datagram.Protocol == IPProtocol.Udp)
            {
                stack._udp.Receive(datagram, now);
            }
        }

        public void DeliverError(in IcmpError error, Instant now) => stack.DeliverError(error, now);

        public void Transmit(PacketBuffer packet, NetworkAddress nextHop, Instant now)
        {
            if (stack._notes is { } notes && new IPv4View(packet.Span).Protocol != IPProtocol.Tcp)
            {
                notes.OnSent(packet.Span);
            }

            packet.Timestamp = now;
            if (stack._hooks is null)
            {
                stack.PutPacket(packet, nextHop, now);
            }
            else
            {
                stack.SendPacket(packet, null, nextHop, now);
            }
        }
    }
}
