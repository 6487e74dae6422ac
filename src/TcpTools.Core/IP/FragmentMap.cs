using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;

namespace TcpTools.IP;

/// <summary>A stretch of a datagram's data, and which fragment it is from.</summary>
internal readonly record struct FragmentPiece(int Start, int End, int Source);

/// <summary>
/// Which stretches of a datagram are there: a sorted list of disjoint pieces, the counterpart of the hole list of RFC 815.
/// It knows places only, not bytes, and holds the policies of who wins where fragments overlap.
/// </summary>
internal sealed class FragmentMap
{
    private readonly List<FragmentPiece> _pieces = [];
    private readonly List<FragmentPiece> _written = [];

    /// <summary>Bytes that are there.</summary>
    public int Covered { get; private set; }

    /// <summary>What is there, in order.</summary>
    public ReadOnlySpan<FragmentPiece> Pieces => CollectionsMarshal.AsSpan(_pieces);

    /// <summary>The stretches of the fragment placed last in which its bytes count.</summary>
    public ReadOnlySpan<FragmentPiece> Written => CollectionsMarshal.AsSpan(_written);

    public void Clear()
    {
        _pieces.Clear();
        _written.Clear();
        Covered = 0;
    }

    /// <summary>Whether any of these bytes is there already.</summary>
    public bool Overlaps(int start, int end)
    {
        int index = FirstPieceEndingAfter(start);
        return index < _pieces.Count && _pieces[index].Start < end;
    }

    /// <summary>Whether all of these bytes are there already.</summary>
    public bool Covers(int start, int end)
    {
        int covered = start;
        for (int i = FirstPieceEndingAfter(start); i < _pieces.Count && _pieces[i].Start <= covered && covered < end; i++)
        {
            covered = _pieces[i].End;
        }

        return covered >= end;
    }

    /// <summary>
    /// Puts a fragment in its place; <see cref="Written"/> tells which of its bytes count. Under
    /// <see cref="FragmentOverlapPolicy.Drop"/> the caller has seen to it that there is no overlap.
    /// </summary>
    public void Place(int start, int end, int source, FragmentOverlapPolicy policy)
    {
        _written.Clear();
        int index = FirstPieceEndingAfter(start);
        if (index == _pieces.Count || _pieces[index].Start >= end)
        {
            Insert(index, start, end, source);
            return;
        }

        switch (policy)
        {
            case FragmentOverlapPolicy.Last:
                Insert(Cut(index, start, end), start, end, source);
                break;
            case FragmentOverlapPolicy.Bsd:
            case FragmentOverlapPolicy.Linux:
                PlaceLeft(index, start, end, source, tieToEarlier: policy == FragmentOverlapPolicy.Bsd);
                break;
            case FragmentOverlapPolicy.BsdRight:
                PlaceRight(index, start, end, source);
                break;
            case FragmentOverlapPolicy.Windows:
                RemoveInside(index, start, end);
                FillGaps(FirstPieceEndingAfter(start), start, end, source);
                break;
            default:
                FillGaps(index, start, end, source);
                break;
        }
    }

    /// <summary>
    /// The piece to the left keeps its bytes, those to the right give theirs up. The two systems differ in what they call
    /// left when both start at the same place.
    /// </summary>
    private void PlaceLeft(int index, int start, int end, int source, bool tieToEarlier)
    {
        int from = start;
        if (_pieces[index].Start < start || (_pieces[index].Start == start && tieToEarlier))
        {
            from = _pieces[index].End;
            index++;
        }

        if (from < end)
        {
            Insert(Cut(index, from, end), from, end, source);
        }
    }

    /// <summary>The other way round: pieces to the right keep their bytes; the one to the left, or at the same place, does not.</summary>
    private void PlaceRight(int index, int start, int end, int source)
    {
        int from = start;
        if (_pieces[index].Start <= start)
        {
            from = Math.Min(_pieces[index].End, end);
            index = Cut(index, start, from);
            Insert(index, start, from, source);
            index++;
        }

        FillGaps(index, from, end, source);
    }

    private void RemoveInside(int index, int start, int end)
    {
        while (index < _pieces.Count && _pieces[index].Start < end)
        {
            FragmentPiece piece = _pieces[index];
            if (piece.Start > start && piece.End < end)
            {
                Covered -= piece.End - piece.Start;
                _pieces.RemoveAt(index);
            }
            else
            {
                index++;
            }
        }
    }

    private void FillGaps(int index, int start, int end, int source)
    {
        int cursor = start;
        while (cursor < end)
        {
            int gapEnd = index < _pieces.Count ? Math.Min(_pieces[index].Start, end) : end;
            if (gapEnd > cursor)
            {
                Insert(index, cursor, gapEnd, source);
                index++;
            }

            cursor = index < _pieces.Count ? Math.Max(gapEnd, _pieces[index].End) : gapEnd;
            index++;
        }
    }

    /// <summary>Takes a range out of the pieces from <paramref name="index"/> on.</summary>
    /// <returns>Where in the list a piece for the range now belongs.</returns>
    private int Cut(int index, int start, int end)
    {
        while (index < _pieces.Count && _pieces[index].Start < end)
        {
            FragmentPiece piece = _pieces[index];
            Covered -= Math.Min(piece.End, end) - Math.Max(piece.Start, start);
            bool keepsLeft = piece.Start < start;
            bool keepsRight = piece.End > end;
            if (keepsLeft)
            {
                _pieces[index++] = piece with { End = start };
                if (keepsRight)
                {
                    _pieces.Insert(index, piece with { Start = end });
                }
            }
            else if (keepsRight)
            {
                _pieces[index] = piece with { Start = end };
            }
            else
            {
                _pieces.RemoveAt(index);
            }

            if (keepsRight)
            {
                break;
            }
        }

        return index;
    }

    private void Insert(int index, int start, int end, int source)
    {
        FragmentPiece piece = new(start, end, source);
        _pieces.Insert(index, piece);
        _written.Add(piece);
        Covered += end - start;
    }

    /// <summary>Where in <see cref="Pieces"/> the first piece is that ends behind a place.</summary>
    public int FirstPieceEndingAfter(int offset)
    {
        ReadOnlySpan<FragmentPiece> pieces = Pieces;
        int low = 0;
        int high = pieces.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (pieces[middle].End > offset)
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        return low;
    }
}
