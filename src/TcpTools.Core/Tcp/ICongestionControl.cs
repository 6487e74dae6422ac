using System;

namespace TcpTools.Tcp;

/// <summary>
/// Decides how much may be in flight (RFC 5681). It is told of what happens and answers with a window; finding losses
/// and choosing what to send again is not its business. All counts are bytes.
/// </summary>
public interface ICongestionControl
{
    /// <summary>The algorithm's name, in lower case.</summary>
    string Name { get; }

    /// <summary>cwnd: bytes that may be in flight.</summary>
    int Window { get; }

    /// <summary>ssthresh: the window at which slow start ends; <see cref="int.MaxValue"/> before the first loss.</summary>
    int SlowStartThreshold { get; }

    /// <summary>The connection is synchronized; or its send MSS has changed, when called again.</summary>
    void OnEstablished(int mss, Instant now);

    /// <summary>An acknowledgment of new data has come, or one that reports more data as received out of order.</summary>
    void OnAck(in AckSample sample);

    /// <summary>A loss was found other than by time-out; recovery begins. Called once a recovery.</summary>
    /// <param name="bytesInFlight">FlightSize: sent and not cumulatively acknowledged.</param>
    /// <param name="now">The time.</param>
    void OnLoss(int bytesInFlight, Instant now);

    /// <summary>The retransmission timer has expired.</summary>
    /// <param name="bytesInFlight">FlightSize: sent and not cumulatively acknowledged.</param>
    /// <param name="now">The time.</param>
    void OnTimeout(int bytesInFlight, Instant now);

    /// <summary>All that was outstanding when recovery began has been acknowledged.</summary>
    void OnRecoveryExit(Instant now);

    /// <summary>Sending starts again after nothing was sent or in flight for a time.</summary>
    void OnIdle(TimeSpan idle, TimeSpan rto);

    /// <summary>The last loss or time-out turned out to be none: takes back what it did.</summary>
    void Undo();
}

/// <summary>What one acknowledgment has told.</summary>
/// <param name="AckedBytes">Bytes newly acknowledged cumulatively.</param>
/// <param name="SackedBytes">Bytes newly reported as received out of order.</param>
/// <param name="BytesInFlight">Bytes estimated to be in the network after it (pipe).</param>
/// <param name="Rtt">The round-trip time it measured; zero when it measured none.</param>
/// <param name="IsWindowLimited">Whether the congestion window, not the sender or the peer's window, held sending back.</param>
/// <param name="InRecovery">Whether losses are being repaired.</param>
/// <param name="Now">The time.</param>
public readonly record struct AckSample(
    int AckedBytes, int SackedBytes, int BytesInFlight, TimeSpan Rtt, bool IsWindowLimited, bool InRecovery, Instant Now);
