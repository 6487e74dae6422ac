using System;
using System.Numerics;

namespace TcpTools.Stack;

/// <summary>One timer: a place in a <see cref="TimerWheel"/>, made once for its owner and set as often as needed.</summary>
internal sealed class TimerNode(StackSession owner)
{
    /// <summary>Whose timer it is.</summary>
    public StackSession Owner { get; } = owner;

    /// <summary>When it runs out; <see cref="Instant.Never"/> while it is not set.</summary>
    public Instant Deadline { get; internal set; } = Instant.Never;

    /// <summary>Whether it is set.</summary>
    public bool IsSet => Slot >= 0;

    internal int Slot { get; set; } = -1;

    // Neighbours in the slot's ring; both are the node itself when it is alone.
    internal TimerNode Next { get; set; } = null!;

    internal TimerNode Previous { get; set; } = null!;
}

/// <summary>
/// Timers in a hierarchy of wheels: setting, replacing and cancelling one costs the same however many there are, and
/// allocates nothing.
/// </summary>
/// <remarks>
/// Time is cut into ticks of 409.6 us. A level's slot covers 64 times the time of a slot one level below. A timer lies on
/// the level of the highest digit (base 64) in which its tick differs from the wheel's: so every timer of a level is due
/// before all those of the levels above, and one bit map a level finds the earliest. When the wheel comes to a slot of a
/// higher level, the slot's timers move down. Ticks only sort: a timer never fires before its deadline, to 100 ns.
/// </remarks>
internal sealed class TimerWheel
{
    private const int TickShift = 12;
    private const int DigitBits = 6;
    private const int SlotsPerLevel = 1 << DigitBits;
    private const int Levels = (63 - TickShift + DigitBits - 1) / DigitBits;

    private readonly TimerNode?[] _slots = new TimerNode?[Levels * SlotsPerLevel];
    private readonly ulong[] _occupied = new ulong[Levels];
    private long _tick;

    /// <summary>Timers that are set.</summary>
    public int Count { get; private set; }

    /// <summary>
    /// When to look at the wheel next: exactly the earliest deadline when that is near, else at most so much earlier that
    /// the wheel can bring distant timers nearer; <see cref="Instant.Never"/> when none is set.
    /// </summary>
    public Instant NextDeadline
    {
        get
        {
            int level = LowestOccupiedLevel();
            if (level < 0)
            {
                return Instant.Never;
            }

            int slot = BitOperations.TrailingZeroCount(_occupied[level]);
            return level == 0 ? EarliestIn(slot) : new Instant(StartOf(level, slot) << TickShift);
        }
    }

    /// <summary>The earliest deadline, exactly. Costs a look at every timer of one slot.</summary>
    public Instant EarliestDeadline
    {
        get
        {
            int level = LowestOccupiedLevel();
            return level < 0
                ? Instant.Never
                : EarliestIn((level * SlotsPerLevel) + BitOperations.TrailingZeroCount(_occupied[level]));
        }
    }

    /// <summary>Sets a timer, or sets it anew. <see cref="Instant.Never"/> cancels it.</summary>
    public void Set(TimerNode node, Instant deadline)
    {
        Cancel(node);
        if (!deadline.IsNever)
        {
            node.Deadline = deadline;
            Insert(node);
            Count++;
        }
    }

    /// <summary>Cancels a timer; does nothing when it is not set.</summary>
    public void Cancel(TimerNode node)
    {
        if (node.IsSet)
        {
            Unlink(node);
            node.Deadline = Instant.Never;
            Count--;
        }
    }

    /// <summary>Takes a timer that is due out of the wheel, earlier ones first within a tick's accuracy.</summary>
    public bool TryTakeDue(Instant now, out TimerNode node)
    {
        long current = now.Ticks >> TickShift;
        while (true)
        {
            int level = LowestOccupiedLevel();
            if (level < 0)
            {
                break;
            }

            int slot = BitOperations.TrailingZeroCount(_occupied[level]);
            long start = StartOf(level, slot);
            if (start > current)
            {
                break;
            }

            _tick = Math.Max(_tick, start);
            if (level > 0)
            {
                MoveDown((level * SlotsPerLevel) + slot);
                continue;
            }

            return TryTakeDueFrom(slot, now, out node);
        }

        // Nothing lies between here and now, so the digits by which timers were sorted stay right.
        _tick = Math.Max(_tick, current);
        node = null!;
        return false;
    }

    private bool TryTakeDueFrom(int slot, Instant now, out TimerNode due)
    {
        TimerNode first = _slots[slot]!;
        due = first;
        while (due.Deadline > now)
        {
            due = due.Next;
            if (ReferenceEquals(due, first))
            {
                return false;
            }
        }

        Cancel(due);
        return true;
    }

    private void MoveDown(int index)
    {
        while (_slots[index] is { } node)
        {
            Unlink(node);
            Insert(node);
        }
    }

    private void Insert(TimerNode node)
    {
        long tick = Math.Max(node.Deadline.Ticks >> TickShift, _tick);
        ulong difference = (ulong)(tick ^ _tick) | 1;
        int level = BitOperations.Log2(difference) / DigitBits;
        int digit = (int)(tick >> (level * DigitBits)) & (SlotsPerLevel - 1);
        int index = (level * SlotsPerLevel) + digit;
        node.Slot = index;
        if (_slots[index] is { } first)
        {
            // At the end, so that timers set for the same time run out in the order in which they were set.
            node.Next = first;
            node.Previous = first.Previous;
            first.Previous.Next = node;
            first.Previous = node;
        }
        else
        {
            node.Next = node;
            node.Previous = node;
            _slots[index] = node;
            _occupied[level] |= 1UL << digit;
        }
    }

    private void Unlink(TimerNode node)
    {
        int index = node.Slot;
        node.Slot = -1;
        if (ReferenceEquals(node.Next, node))
        {
            _slots[index] = null;
            _occupied[index / SlotsPerLevel] &= ~(1UL << (index % SlotsPerLevel));
        }
        else
        {
            node.Previous.Next = node.Next;
            node.Next.Previous = node.Previous;
            if (ReferenceEquals(_slots[index], node))
            {
                _slots[index] = node.Next;
            }
        }

        node.Next = null!;
        node.Previous = null!;
    }

    private Instant EarliestIn(int index)
    {
        TimerNode first = _slots[index]!;
        Instant earliest = first.Deadline;
        for (TimerNode node = first.Next; !ReferenceEquals(node, first); node = node.Next)
        {
            earliest = Instant.Earlier(earliest, node.Deadline);
        }

        return earliest;
    }

    private int LowestOccupiedLevel()
    {
        for (int level = 0; level < Levels; level++)
        {
            if (_occupied[level] != 0)
            {
                return level;
            }
        }

        return -1;
    }

    /// <summary>The first tick of a slot, given that it shares all higher digits with the wheel's tick.</summary>
    private long StartOf(int level, int slot)
    {
        int shift = level * DigitBits;
        long higher = shift + DigitBits >= 63 ? 0 : _tick >> (shift + DigitBits) << (shift + DigitBits);
        return higher | ((long)slot << shift);
    }
}
