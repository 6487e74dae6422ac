using System;

namespace TcpTools.Tcp;

/// <summary>
/// Says how long a connection waits for an acknowledgment before it sends again (RFC 6298): the measuring is done, this turns measurements into a time.
/// One object for each connection.
/// </summary>
/// <remarks>
/// It is called for the SYN, whenever a round-trip time was measured, and whenever the timer has expired, under the lock of the
/// stack. What it throws is counted (<see cref="TcpServices.Errors"/>), and RFC 6298 decides in its place. Less than a
/// millisecond counts as one.
/// </remarks>
public interface IRetransmissionTimeout
{
    /// <summary>The policy's name, in lower case.</summary>
    string Name { get; }

    /// <summary>The retransmission timeout.</summary>
    TimeSpan Compute(in RttSummary summary);
}

/// <summary>What a connection knows of its round-trip time.</summary>
/// <param name="HasSample">Whether anything was measured; else all times are zero.</param>
/// <param name="Smoothed">SRTT (RFC 6298, 2).</param>
/// <param name="Variation">RTTVAR.</param>
/// <param name="Latest">The latest measurement.</param>
/// <param name="Minimum">The shortest measurement.</param>
/// <param name="Expiries">How often in a row the timer has expired; as often RFC 6298 doubles the timeout (5.5).</param>
/// <param name="IsHandshakeRetried">Whether the SYN had to be sent again, and nothing was measured since (RFC 6298, 5.7).</param>
public readonly record struct RttSummary(
    bool HasSample,
    TimeSpan Smoothed,
    TimeSpan Variation,
    TimeSpan Latest,
    TimeSpan Minimum,
    int Expiries,
    bool IsHandshakeRetried);
