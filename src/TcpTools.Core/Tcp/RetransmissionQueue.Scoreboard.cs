using System;
using TcpTools.Wire;

namespace TcpTools.Tcp;

/// <content>What the peer reports (RFC 2018, RFC 2883) and what follows from it about losses (RFC 6675, RFC 8985).</content>
internal sealed partial class RetransmissionQueue
{
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
        Instant latest = default;
        bool hasDuplicate = IsDuplicate(blocks, una);
        for (int i = hasDuplicate ? 1 : 0; i < blocks.Length; i++)
        {
            SackBlock block = blocks[i];
            if (block.Length <= 0 || block.Left < una || block.Right > max || Count >= MaximumRuns)
            {
                invalid++;
                continue;
            }

            Instant sent = MarkSacked(block, now);
            latest = Instant.Later(latest, sent);
        }

        return new SackResult
        {
            SackedBytes = SackedBytes - before,
            HasDuplicate = hasDuplicate,
            Duplicate = hasDuplicate ? blocks[0] : default,
            InvalidBlocks = invalid,
            HasRttSample = latest != default,
            Rtt = latest != default ? now - latest : default,
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
            HighestSacked = this[0].Start;
        }
    }

    /// <summary>Takes back all loss marks: the retransmissions were not needed.</summary>
    public void ClearLost()
    {
        for (int i = 0; i < Count; i++)
        {
            ref SentSegment run = ref _runs[_head + i];
            Tally(run, -1);
            run.Lost = false;
            Tally(run, 1);
        }

        _lostBelow = Count > 0 ? this[0].Start : _lostBelow;
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

    /// <returns>When the latest newly reported run that was sent only once was sent.</returns>
    private Instant MarkSacked(SackBlock block, Instant now)
    {
        Instant latest = default;
        for (int i = SplitAt(block.Left); i < Count && this[i].Start < block.Right; i++)
        {
            if (this[i].End > block.Right)
            {
                if (this[i].Sacked)
                {
                    break;
                }

                Split(i, block.Right);
            }

            ref SentSegment run = ref _runs[_head + i];
            if (run.Sacked)
            {
                continue;
            }

            NoteDelivered(run, now);
            latest = run.Transmissions == 1 ? Instant.Later(latest, run.SentAt) : latest;
            Tally(run, -1);
            run.Sacked = true;
            run.Retransmitted = false;
            Tally(run, 1);
        }

        HighestSacked = SequenceNumber.Later(HighestSacked, block.Right);
        return latest;
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
