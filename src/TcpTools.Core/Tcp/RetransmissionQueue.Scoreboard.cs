using System;
using TcpTools.Wire;

namespace TcpTools.Tcp;

/// <content>What the peer reports (RFC 2018, RFC 2883) and what follows from it about losses (RFC 6675, RFC 8985).</content>
internal sealed partial class RetransmissionQueue
{
    private readonly SackBlock[] _reported = new SackBlock[SackBlock.Maximum]; // what the last report had, all marked
    private int _reportedCount;
    private Instant _newestDelivery; // when what was sent last of all that is known to have arrived was sent

    /// <summary>
    /// The shortest round trip seen: what seems to have been acknowledged faster was an earlier transmission
    /// (RFC 8985, 6.2, step 2).
    /// </summary>
    public TimeSpan MinimumRtt { get; set; }

    /// <summary>
    /// Marks what the blocks report. Blocks outside <paramref name="una"/>..<paramref name="max"/> (SND.NXT) are ignored,
    /// except a first block that reports a duplicate.
    /// </summary>
    public SackResult ApplySack(ReadOnlySpan<SackBlock> blocks, SequenceNumber una, SequenceNumber max, Instant now)
    {
        int before = SackedBytes;
        int invalid = 0;
        bool isComplete = true;
        Instant latest = Instant.Never;
        Span<SackBlock> valid = stackalloc SackBlock[SackBlock.Maximum];
        int validCount = 0;
        bool hasDuplicate = IsDuplicate(blocks, una);
        for (int i = hasDuplicate ? 1 : 0; i < blocks.Length && i < SackBlock.Maximum; i++)
        {
            SackBlock block = blocks[i];
            if (block.Length <= 0 || block.Left < una || block.Right > max)
            {
                invalid++;
                continue;
            }

            isComplete &= MarkNews(block, ref latest, now);
            valid[validCount++] = block;
        }

        valid.CopyTo(_reported);
        _reportedCount = isComplete ? validCount : 0;
        return new SackResult
        {
            SackedBytes = SackedBytes - before,
            HasDuplicate = hasDuplicate,
            Duplicate = hasDuplicate ? blocks[0] : default,
            InvalidBlocks = invalid,
            HasRttSample = !latest.IsNever,
            Rtt = latest.IsNever ? default : now - latest,
        };
    }

    /// <summary>Marks what IsLost (RFC 6675, 4) says is lost; returns whether anything was newly marked.</summary>
    public bool MarkLost(int mss, int dupThresh)
    {
        // From above: below the place where enough has been SACKed, whatever is not SACKed is lost.
        int pieces = 0;
        int bytes = 0;
        bool wasSacked = false;
        int index = Find(HighestSacked) - 1;
        for (; index >= 0; index--)
        {
            ref readonly SentSegment run = ref this[index];
            if (run.Sacked)
            {
                bytes += run.Length;
                pieces += wasSacked ? 0 : 1;
            }

            wasSacked = run.Sacked;
            if (pieces >= dupThresh || bytes > (dupThresh - 1) * mss)
            {
                break;
            }
        }

        bool marked = false;
        int first = Find(_lostBelow);
        for (int i = first; i < index; i++)
        {
            marked |= MarkRunLost(i, again: false);
        }

        if (index >= 0 && index < Count)
        {
            _lostBelow = SequenceNumber.Later(_lostBelow, this[index].Start);
        }

        return marked;
    }

    /// <summary>
    /// Marks retransmissions as lost that must have been overtaken: something sent later than they were, by more than the
    /// reordering allowed for, has arrived (RFC 8985, 6.2, step 5, applied to what was sent again). Without it
    /// only the timer finds them.
    /// </summary>
    /// <returns>Whether anything was marked.</returns>
    public bool MarkLostRetransmissions(TimeSpan reordering)
    {
        bool marked = false;
        int left = _retransmittedRuns;
        for (int i = 0; i < Count && left > 0; i++)
        {
            ref readonly SentSegment run = ref this[i];
            if (run.Retransmitted)
            {
                left--;
                if (!run.Sacked && run.SentAt + reordering < _newestDelivery)
                {
                    marked |= MarkRunLost(i, again: true);
                }
            }
        }

        return marked;
    }

    /// <summary>
    /// Marks the first run not SACKed, at most <paramref name="maximumBytes"/> of it, as lost, even when it has been sent again.
    /// </summary>
    public void MarkFirstLost(int maximumBytes = int.MaxValue)
    {
        for (int i = 0; i < Count; i++)
        {
            if (this[i].Sacked)
            {
                continue;
            }

            if (this[i].Length > maximumBytes)
            {
                Split(i, this[i].Start + maximumBytes);
            }

            MarkRunLost(i, again: true);
            return;
        }
    }

    /// <summary>
    /// Marks everything not SACKed as lost: the retransmission timer has expired. Forgets the SACK marks only when the peer
    /// has reneged (RFC 2018, 8).
    /// </summary>
    public void MarkAllLost()
    {
        bool forget = IsReneged;
        for (int i = 0; i < Count; i++)
        {
            if (forget)
            {
                ref SentSegment run = ref _runs[_head + i];
                Tally(run, -1);
                run.Sacked = false;
                Tally(run, 1);
            }

            MarkRunLost(i, again: true);
        }

        if (forget)
        {
            _reportedCount = 0;
            HighestSacked = this[0].Start;
        }
    }

    /// <summary>RFC 2883, 5: the first block is a duplicate's when it lies below SND.UNA or within the second block.</summary>
    private static bool IsDuplicate(ReadOnlySpan<SackBlock> blocks, SequenceNumber una)
    {
        if (blocks.Length == 0 || blocks[0].Length <= 0)
        {
            return false;
        }

        SackBlock first = blocks[0];
        return first.Right <= una
            || (blocks.Length > 1 && blocks[1].Length > 0 && first.Left >= blocks[1].Left && first.Right <= blocks[1].Right);
    }

    /// <summary>
    /// Marks what of a block the last report did not have. Each report repeats those before it, often thousands of
    /// segments; to pass over them keeps the cost of an acknowledgment small. Returns whether all of it could be marked.
    /// </summary>
    private bool MarkNews(SackBlock block, ref Instant latest, Instant now)
    {
        bool isComplete = true;
        for (int i = 0; i < _reportedCount; i++)
        {
            SackBlock known = _reported[i];
            if (known.Left >= block.Right || known.Right <= block.Left)
            {
                continue;
            }

            if (known.Left > block.Left)
            {
                isComplete &= MarkSacked(block.Left, known.Left, ref latest, now);
            }

            if (known.Right >= block.Right)
            {
                return isComplete;
            }

            block = block with { Left = known.Right };
        }

        return MarkSacked(block.Left, block.Right, ref latest, now) && isComplete;
    }

    private bool MarkSacked(SequenceNumber from, SequenceNumber to, ref Instant latest, Instant now)
    {
        bool isComplete = true;
        for (int i = Find(from); i < Count && this[i].Start < to; i++)
        {
            if (this[i].Sacked)
            {
                continue;
            }

            bool cutsFront = this[i].Start < from;
            bool cutsEnd = this[i].End > to;
            if ((cutsFront || cutsEnd) && Count >= SplitLimit)
            {
                isComplete = false;
                continue;
            }

            if (cutsFront)
            {
                Split(i++, from);
            }

            if (cutsEnd)
            {
                Split(i, to);
            }

            ref SentSegment run = ref _runs[_head + i];
            NoteDelivered(run, now);
            if (run.Transmissions == 1 && (latest.IsNever || run.SentAt > latest))
            {
                latest = run.SentAt;
            }

            Tally(run, -1);
            run.Sacked = true;
            run.Lost = false;
            run.Retransmitted = false;
            Tally(run, 1);
            HighestSacked = SequenceNumber.Later(HighestSacked, run.End);
        }

        return isComplete;
    }

    private bool MarkRunLost(int index, bool again)
    {
        ref SentSegment run = ref _runs[_head + index];
        if (run.Sacked || (run.Lost && !(again && run.Retransmitted)))
        {
            return false;
        }

        Tally(run, -1);
        run.Lost = true;
        run.Retransmitted &= !again;
        Tally(run, 1);
        if (run.Start < _retransmitFrom)
        {
            _retransmitFrom = run.Start;
        }

        return true;
    }

    private void NoteDelivered(in SentSegment run, Instant now)
    {
        // Of what was sent more than once, the transmission that arrived is not known for certain.
        if (run.SentAt > _newestDelivery && (run.Transmissions == 1 || now - run.SentAt >= MinimumRtt))
        {
            _newestDelivery = run.SentAt;
        }
    }
}
