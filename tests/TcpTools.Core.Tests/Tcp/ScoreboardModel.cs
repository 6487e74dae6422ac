using System;
using System.Collections.Generic;
using System.Linq;
using TcpTools.Wire;

namespace TcpTools.Tests.Tcp;

/// <summary>What a retransmission queue must know, kept for each sequence number by itself.</summary>
internal sealed class ScoreboardModel
{
    private readonly List<Octet> _octets = [];

    /// <summary>Position of the first octet held.</summary>
    public int Una { get; private set; }

    public int End => Una + _octets.Count;

    public int Bytes => _octets.Count;

    public int Sacked => _octets.Count(o => o.Sacked);

    public int Lost => _octets.Count(o => o.Lost && !o.Sacked);

    /// <summary>SetPipe of RFC 6675, 4, octet by octet.</summary>
    public int Pipe => _octets.Where(o => !o.Sacked).Sum(o => (o.Lost ? 0 : 1) + (o.Retransmitted ? 1 : 0));

    public int HighestSacked => Una + _octets.FindLastIndex(o => o.Sacked) + 1;

    public bool IsReneged => _octets.Count > 0 && _octets[0].Sacked;

    public Octet this[int position] => _octets[position - Una];

    public void Append(int length, Instant now)
    {
        for (int i = 0; i < length; i++)
        {
            _octets.Add(new Octet { SentAt = now, Transmissions = 1 });
        }
    }

    public List<Octet> Acknowledge(int una)
    {
        int count = Math.Clamp(una - Una, 0, _octets.Count);
        List<Octet> acked = _octets[..count];
        _octets.RemoveRange(0, count);
        Una += count;
        return acked;
    }

    public List<Octet> Sack(int left, int right)
    {
        List<Octet> news = [.. Between(left, right).Where(o => !o.Sacked)];
        news.ForEach(o => o.Sacked = true);
        return news;
    }

    /// <summary>IsLost of RFC 6675, 4, for each octet.</summary>
    public bool MarkLost(int mss, int threshold)
    {
        bool marked = false;
        for (int i = 0; i < _octets.Count; i++)
        {
            List<Octet> above = _octets[i..];
            int pieces = Enumerable.Range(0, above.Count).Count(k => above[k].Sacked && (k == 0 || !above[k - 1].Sacked));
            if (!_octets[i].Sacked && !_octets[i].Lost
                && (pieces >= threshold || above.Count(o => o.Sacked) > (threshold - 1) * mss))
            {
                _octets[i].Lost = true;
                marked = true;
            }
        }

        return marked;
    }

    public void MarkLost(int position)
    {
        this[position].Lost = true;
        this[position].Retransmitted = false;
    }

    public void MarkAllLost()
    {
        if (IsReneged)
        {
            _octets.ForEach(o => o.Sacked = false);
        }

        foreach (Octet octet in _octets.Where(o => !o.Sacked))
        {
            octet.Lost = true;
            octet.Retransmitted = false;
        }
    }

    /// <summary>The first position that is not SACKed, or the end.</summary>
    public int FirstUnsacked() => First(o => !o.Sacked);

    /// <summary>Where the next stretch to send again begins, and how many octets of it adjoin.</summary>
    public (int Start, int Length) Waiting()
    {
        int start = First(IsWaiting);
        return (start, _octets.Skip(start - Una).TakeWhile(IsWaiting).Count());
    }

    public void Retransmit(int start, int length, Instant now)
    {
        foreach (Octet octet in Between(start, start + length))
        {
            octet.Retransmitted = !octet.Sacked;
            octet.SentAt = now;
            octet.Transmissions++;
        }
    }

    private static bool IsWaiting(Octet octet) => octet.Lost && !octet.Sacked && !octet.Retransmitted;

    private int First(Func<Octet, bool> predicate)
    {
        int index = _octets.FindIndex(o => predicate(o));
        return index < 0 ? End : Una + index;
    }

    private IEnumerable<Octet> Between(int left, int right)
    {
        int from = Math.Clamp(left - Una, 0, _octets.Count);
        int to = Math.Clamp(right - Una, from, _octets.Count);
        return _octets[from..to];
    }

    internal sealed class Octet
    {
        public Instant SentAt { get; set; }

        public int Transmissions { get; set; }

        public bool Sacked { get; set; }

        public bool Lost { get; set; }

        public bool Retransmitted { get; set; }
    }
}
