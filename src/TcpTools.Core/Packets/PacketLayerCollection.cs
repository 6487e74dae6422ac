using System;
using System.Collections;
using System.Collections.Generic;

namespace TcpTools.Packets;

/// <summary>A packet's layers, outermost first. A layer belongs to one packet at a time.</summary>
public sealed class PacketLayerCollection : IList<PacketLayer>, IReadOnlyList<PacketLayer>
{
    /// <summary>More layers than this are rare.</summary>
    private const int Usual = 5;

    private readonly Packet _owner;
    private PacketLayer[] _items = [];

    internal PacketLayerCollection(Packet owner) => _owner = owner;

    /// <summary>How many layers there are.</summary>
    public int Count { get; private set; }

    bool ICollection<PacketLayer>.IsReadOnly => false;

    /// <summary>The layer at a place, counted from 0. One that is replaced belongs to no packet afterwards.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such place.</exception>
    /// <exception cref="ArgumentException">The new layer belongs to a packet already.</exception>
    public PacketLayer this[int index]
    {
        get => (uint)index < (uint)Count ? _items[index] : throw NoSuchPlace(index);
        set
        {
            PacketLayer replaced = this[index];
            if (!ReferenceEquals(replaced, value))
            {
                Take(value);
                replaced.Owner = null;
                _items[index] = value;
            }
        }
    }

    /// <summary>Adds a layer inside all others.</summary>
    /// <exception cref="ArgumentException">The layer belongs to a packet already.</exception>
    public void Add(PacketLayer item) => Insert(Count, item);

    /// <summary>Adds a layer at a place.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such place.</exception>
    /// <exception cref="ArgumentException">The layer belongs to a packet already.</exception>
    public void Insert(int index, PacketLayer item)
    {
        if ((uint)index > (uint)Count)
        {
            throw NoSuchPlace(index);
        }

        Take(item);
        if (Count == _items.Length)
        {
            PacketLayer[] items = new PacketLayer[Count == 0 ? Usual : 2 * Count];
            AsSpan().CopyTo(items);
            _items = items;
        }

        if (index < Count)
        {
            Array.Copy(_items, index, _items, index + 1, Count - index);
        }

        _items[index] = item;
        Count++;
    }

    /// <summary>Takes a layer out; false where it is not there.</summary>
    public bool Remove(PacketLayer item)
    {
        int index = IndexOf(item);
        if (index < 0)
        {
            return false;
        }

        RemoveAt(index);
        return true;
    }

    /// <summary>Takes the layer at a place out.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such place.</exception>
    public void RemoveAt(int index)
    {
        this[index].Owner = null;
        Count--;
        Array.Copy(_items, index + 1, _items, index, Count - index);
        _items[Count] = null!;
    }

    /// <summary>Takes all layers out.</summary>
    public void Clear()
    {
        foreach (PacketLayer layer in AsSpan())
        {
            layer.Owner = null;
        }

        _items = [];
        Count = 0;
    }

    /// <summary>The place of a layer; -1 where it is not there.</summary>
    public int IndexOf(PacketLayer item)
    {
        for (int i = 0; i < Count; i++)
        {
            if (ReferenceEquals(_items[i], item))
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>Whether a layer is there.</summary>
    public bool Contains(PacketLayer item) => IndexOf(item) >= 0;

    /// <inheritdoc/>
    public void CopyTo(PacketLayer[] array, int arrayIndex) => Array.Copy(_items, 0, array, arrayIndex, Count);

    /// <inheritdoc/>
    public IEnumerator<PacketLayer> GetEnumerator()
    {
        for (int i = 0; i < Count; i++)
        {
            yield return _items[i];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The layers as they stand; not to be kept beyond the next change.</summary>
    internal ReadOnlySpan<PacketLayer> AsSpan() => new(_items, 0, Count);

    private void Take(PacketLayer layer)
    {
        ArgumentNullException.ThrowIfNull(layer);
        if (layer.Owner is not null)
        {
            throw new ArgumentException("The layer belongs to a packet already; add a copy of it.", nameof(layer));
        }

        layer.Owner = _owner;
    }

    private ArgumentOutOfRangeException NoSuchPlace(int index) =>
        new(nameof(index), index, $"The packet has {Count} layers.");
}
