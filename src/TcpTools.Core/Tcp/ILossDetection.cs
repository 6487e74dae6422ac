using System;

namespace TcpTools.Tcp;

/// <summary>
/// Decides from acknowledgments which segments the network has lost, and marks them in the retransmission queue. How
/// much is then sent is for <see cref="IRecoveryPolicy"/> and congestion control to say.
/// </summary>
internal interface ILossDetection
{
    /// <summary>The algorithm's name.</summary>
    string Name { get; }

    /// <summary>Marks what an acknowledgment shows to be lost.</summary>
    /// <returns>Whether something was marked that had not been.</returns>
    bool OnAcknowledgment(RetransmissionQueue queue, in LossSample sample);
}

/// <summary>What an acknowledgment says to loss detection.</summary>
/// <param name="DuplicateAcks">Duplicate acknowledgments in a row, this one included (RFC 5681, 2).</param>
/// <param name="UsesSack">Whether both sides agreed on selective acknowledgment.</param>
/// <param name="MaximumSegment">SMSS in bytes.</param>
/// <param name="InRecovery">Whether loss recovery is under way.</param>
/// <param name="IsPartial">Whether it acknowledges new data, but not all that was outstanding when recovery began.</param>
/// <param name="Reordering">How much later than its successors a segment may arrive without being taken for lost.</param>
/// <param name="Now">When it arrived.</param>
internal readonly record struct LossSample(
    int DuplicateAcks, bool UsesSack, int MaximumSegment, bool InRecovery, bool IsPartial, TimeSpan Reordering, Instant Now);

/// <summary>
/// Three duplicate acknowledgments (RFC 5681, 3.2; RFC 6582 for what a partial acknowledgment means), or their equal in
/// selectively acknowledged data (RFC 6675, 4). With SACK, retransmissions that were overtaken count as lost as well
/// (the idea of RFC 8985), which RFC 6675 leaves to the timer.
/// </summary>
internal sealed class DuplicateAckDetection(int threshold) : ILossDetection
{
    /// <inheritdoc/>
    public string Name => "DupAck";

    /// <inheritdoc/>
    public bool OnAcknowledgment(RetransmissionQueue queue, in LossSample sample)
    {
        bool marked = sample.UsesSack && queue.MarkLost(sample.MaximumSegment, threshold);
        // RFC 6675 leaves a lost retransmission to the timer.
        marked |= sample.UsesSack && queue.MarkLostRetransmissions(sample.Reordering);

        // RFC 6675, 5 (2) and (C): the duplicate count triggers by itself too; RFC 6582, 3.2 (5): a partial
        // acknowledgment shows the loss of what follows it.
        bool head = sample.InRecovery ? sample.IsPartial && !sample.UsesSack : sample.DuplicateAcks >= threshold;
        if (head && queue.Count > 0)
        {
            queue.MarkFirstLost(sample.MaximumSegment);
            marked = true;
        }

        return marked;
    }
}

/// <summary>How much may be in the network while loss recovery is under way.</summary>
internal interface IRecoveryPolicy
{
    /// <summary>The algorithm's name.</summary>
    string Name { get; }

    /// <summary>Recovery begins.</summary>
    void OnEnter(int bytesInFlight, int slowStartThreshold);

    /// <summary>An acknowledgment arrived during recovery.</summary>
    void OnAcknowledgment(int deliveredBytes, int bytesInFlight, int maximumSegment);

    /// <summary>Bytes that may be sent now.</summary>
    int Allowance(int congestionWindow, int bytesInFlight);
}

/// <summary>The rule of RFC 6675, 5 (C): whatever the congestion window holds beyond what is in flight.</summary>
internal sealed class PipeRecovery : IRecoveryPolicy
{
    /// <inheritdoc/>
    public string Name => "Pipe";

    /// <inheritdoc/>
    public void OnEnter(int bytesInFlight, int slowStartThreshold)
    {
    }

    /// <inheritdoc/>
    public void OnAcknowledgment(int deliveredBytes, int bytesInFlight, int maximumSegment)
    {
    }

    /// <inheritdoc/>
    public int Allowance(int congestionWindow, int bytesInFlight) => congestionWindow - bytesInFlight;
}
