using TcpTools.Wire;

namespace TcpTools.Tcp;

/// <summary>How a segment that belongs to no connection is answered (RFC 9293, 3.10.7.1 and 3.5.2).</summary>
public static class StatelessReset
{
    /// <summary>Makes the reset that answers a segment; false when it must not be answered, being a reset itself.</summary>
    public static bool TryCreate(in ArrivedSegment segment, out OutgoingSegment reset)
    {
        if (segment.Has(TcpFlags.Rst))
        {
            reset = default;
            return false;
        }

        reset = segment.Has(TcpFlags.Ack)
            ? new OutgoingSegment { Sequence = segment.Acknowledgment, Flags = TcpFlags.Rst }
            : new OutgoingSegment
            {
                Sequence = default,
                Acknowledgment = segment.Sequence + segment.Length,
                Flags = TcpFlags.Rst | TcpFlags.Ack,
            };
        return true;
    }
}
