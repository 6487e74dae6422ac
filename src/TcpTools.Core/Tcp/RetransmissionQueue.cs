using System;
using TcpTools.Wire;

namespace TcpTools.Tcp;

/// <summary>
/// What is sent and not cumulatively acknowledged, with the SACK scoreboard of RFC 6675. Its runs adjoin each other, so
/// that they cover SND.UNA up to SND.NXT. They are split where the peer's reports and retransmissions demand it.
/// </summary>
internal sealed partial class RetransmissionQueue
{
    private const int InitialLength = 16;

    // A peer that reports single bytes could make a run of each. From this many runs on, one that is reported in part
    // counts as not reported, which is always safe: at worst its bytes are sent once more.
    private const int SplitLimit = 4096;

    private SentSegment[] _runs = new SentSegment[InitialLength];
    private int _head;
    private SequenceNumber _lostBelow; // whatever is below and not SACKed has been marked lost by MarkLost
    private SequenceNumber _retransmitFrom; // nothing below waits to be sent again
    private int _retransmittedRuns;

    /// <summary>Runs held.</summary>
    public int Count { get; private set; }

    /// <summary>Sequence numbers held: FlightSize.</summary>
    public int Bytes { get; private set; }

    /// <summary>Sequence numbers estimated to be in the network (SetPipe of RFC 6675, 4).</summary>
    public int Pipe { get; private set; }

    /// <summary>Sequence numbers SACKed.</summary>
    public int SackedBytes { get; private set; }

    /// <summary>Sequence numbers taken for lost and not SACKed, sent again or not.</summary>
    public int LostBytes { get; private set; }

    /// <summary>The number after the highest SACKed one; the first held, when none is.</summary>
    public SequenceNumber HighestSacked { get; private set; }

    /// <summary>Whether the first run is SACKed though not acknowledged: the peer has dropped what it had reported.</summary>
    public bool IsReneged => Count > 0 && this[0].Sacked;

    /// <summary>The run at <paramref name="index"/>, oldest sequence number first.</summary>
    public ref readonly SentSegment this[int index] => ref _runs[_head + index];

    /// <summary>Adds what is sent for the first time; <paramref name="flags"/> tells of SYN and FIN, both counted in the run.</summary>
    public void Append(SequenceNumber start, SequenceNumber end, Instant now, TcpFlags flags)
    {
        if (Count == 0)
        {
            _head = 0;
            HighestSacked = start;
            _lostBelow = start;
            _retransmitFrom = start;
        }

        Reserve();
        _runs[_head + Count] = new SentSegment
        {
            Start = start,
            End = end,
            SentAt = now,
            Transmissions = 1,
            IsSyn = (flags & TcpFlags.Syn) != 0,
            IsFin = (flags & TcpFlags.Fin) != 0,
        };
        Count++;
        Bytes += end - start;
        Pipe += end - start;
    }

    /// <summary>Removes what lies before <paramref name="una"/>.</summary>
    public AckResult Acknowledge(SequenceNumber una, Instant now)
    {
        int acked = 0;
        int previouslySacked = 0;
        bool retransmitted = false;
        Instant retransmittedAt = default;
        Instant oldest = Instant.Never;
        Instant latest = default;
        while (Count > 0 && _runs[_head].Start < una)
        {
            if (_runs[_head].End > una)
            {
                Split(0, una);
            }

            ref SentSegment run = ref _runs[_head];
            acked += run.Length;
            if (run.Transmissions > 1)
            {
                retransmitted = true;
                retransmittedAt = run.Sacked ? retransmittedAt : Instant.Later(retransmittedAt, run.SentAt);
            }

            if (run.Sacked)
            {
                previouslySacked += run.Length;
            }
            else
            {
                NoteDelivered(run, now);
                oldest = Instant.Earlier(oldest, run.SentAt);
                latest = Instant.Later(latest, run.SentAt);
            }

            Tally(run, -1);
            Bytes -= run.Length;
            _head++;
            Count--;
        }

        if (una > HighestSacked)
        {
            HighestSacked = una;
        }

        _lostBelow = SequenceNumber.Later(_lostBelow, una);
        _retransmitFrom = SequenceNumber.Later(_retransmitFrom, una);
        if (SackedBytes == 0)
        {
            // Old reports must not live until their numbers come to mean other data.
            _reportedCount = 0;
        }

        bool hasSample = acked > previouslySacked && !retransmitted;
        return new AckResult
        {
            AckedBytes = acked,
            PreviouslySackedBytes = previouslySacked,
            RetransmittedAcked = retransmitted,
            HasRttSample = hasSample,
            RetransmittedAt = retransmittedAt,
            Rtt = hasSample ? now - oldest : default,
            LatestRtt = hasSample ? now - latest : default,
        };
    }

    /// <summary>
    /// The first run, up to <paramref name="maximumBytes"/>, that is lost and not sent again since (NextSeg (1) of RFC 6675).
    /// Lost runs that adjoin are taken together.
    /// </summary>
    public bool TryGetRetransmission(int maximumBytes, out SequenceNumber start, out int length)
    {
        start = default;
        length = 0;
        if (maximumBytes <= 0)
        {
            return false;
        }

        for (int i = Find(_retransmitFrom); i < Count && length < maximumBytes; i++)
        {
            ref readonly SentSegment run = ref this[i];
            if (run.Lost && !run.Sacked && !run.Retransmitted)
            {
                start = length == 0 ? run.Start : start;
                length += run.Length;
            }
            else if (length > 0)
            {
                break;
            }
        }

        length = Math.Min(length, maximumBytes);
        _retransmitFrom = length > 0 ? start : Count > 0 ? this[Count - 1].End : _retransmitFrom;
        return length > 0;
    }

    /// <summary>Records that a part was sent again.</summary>
    public void OnRetransmitted(SequenceNumber start, int length, Instant now)
    {
        SequenceNumber end = start + length;
        for (int i = SplitAt(start); i < Count && this[i].Start < end; i++)
        {
            if (this[i].End > end)
            {
                Split(i, end);
            }

            ref SentSegment run = ref _runs[_head + i];
            Tally(run, -1);
            run.Retransmitted = !run.Sacked;
            run.SentAt = now;
            run.Transmissions = (byte)Math.Min(byte.MaxValue, run.Transmissions + 1);
            Tally(run, 1);
        }
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        Count = 0;
        Bytes = 0;
        Pipe = 0;
        SackedBytes = 0;
        LostBytes = 0;
        _head = 0;
        _retransmittedRuns = 0;
        _reportedCount = 0;
        _newestDelivery = default;
        // A connection that is over must not keep the memory of its busiest time.
        _runs = _runs.Length > InitialLength ? new SentSegment[InitialLength] : _runs;
    }

    /// <summary>Index of the run that holds a number, or of the first one behind it.</summary>
    private int Find(SequenceNumber number)
    {
        int low = 0;
        int high = Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (this[middle].End <= number)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    /// <summary>Makes a number the start of a run, if it lies within one; returns that run's index.</summary>
    private int SplitAt(SequenceNumber number)
    {
        int index = Find(number);
        if (index < Count && this[index].Start < number)
        {
            Split(index, number);
            index++;
        }

        return index;
    }

    private void Split(int index, SequenceNumber at)
    {
        Reserve();
        int place = _head + index;
        Array.Copy(_runs, place, _runs, place + 1, Count - index);
        Count++;
        ref SentSegment first = ref _runs[place];
        ref SentSegment second = ref _runs[place + 1];
        _retransmittedRuns += first.Retransmitted ? 1 : 0;
        first.End = at;
        first.IsFin = false;
        second.Start = at;
        second.IsSyn = false;
    }

    /// <summary>Makes room for one more run: moves them to the front when that alone gives plenty, else takes twice the memory.</summary>
    private void Reserve()
    {
        if (_head + Count < _runs.Length)
        {
            return;
        }

        SentSegment[] destination = Count <= _runs.Length / 2 ? _runs : new SentSegment[_runs.Length * 2];
        Array.Copy(_runs, _head, destination, 0, Count);
        _runs = destination;
        _head = 0;
    }

    /// <summary>Adds a run to what is counted (or takes it out): to be called around every change of its marks.</summary>
    private void Tally(in SentSegment run, int sign)
    {
        int length = sign * run.Length;
        _retransmittedRuns += run.Retransmitted ? sign : 0;
        if (run.Sacked)
        {
            SackedBytes += length;
            return;
        }

        // SetPipe of RFC 6675, 4: (a) unless it is lost, and (b) once more for its retransmission.
        LostBytes += run.Lost ? length : 0;
        Pipe += (run.Lost ? 0 : length) + (run.Retransmitted ? length : 0);
    }
}
