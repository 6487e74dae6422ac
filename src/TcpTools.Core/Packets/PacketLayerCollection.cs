using System;
using System.Collections.ObjectModel;

namespace TcpTools.Packets;

/// <summary>A packet's layers, outermost first. A layer belongs to one packet at a time.</summary>
public sealed class PacketLayerCollection : Collection<PacketLayer>
{
    private readonly Packet _owner;

    internal PacketLayerCollection(Packet owner) => _owner = owner;

    /// <inheritdoc/>
    protected override void InsertItem(int index, PacketLayer item)
    {
        Take(item);
        base.InsertItem(index, item);
    }

    /// <inheritdoc/>
    protected override void SetItem(int index, PacketLayer item)
    {
        PacketLayer replaced = this[index];
        if (!ReferenceEquals(replaced, item))
        {
            Take(item);
            replaced.Owner = null;
            base.SetItem(index, item);
        }
    }

    /// <inheritdoc/>
    protected override void RemoveItem(int index)
    {
        this[index].Owner = null;
        base.RemoveItem(index);
    }

    /// <inheritdoc/>
    protected override void ClearItems()
    {
        foreach (PacketLayer layer in this)
        {
            layer.Owner = null;
        }

        base.ClearItems();
    }

    /// <summary>Hands all layers over to another packet's list, in their order.</summary>
    internal void MoveTo(PacketLayerCollection target)
    {
        foreach (PacketLayer layer in this)
        {
            layer.Owner = null;
            target.Add(layer);
        }

        Items.Clear();
    }

    private void Take(PacketLayer layer)
    {
        ArgumentNullException.ThrowIfNull(layer);
        if (layer.Owner is not null)
        {
            throw new ArgumentException("The layer belongs to a packet already; add a copy of it.", nameof(layer));
        }

        layer.Owner = _owner;
    }
}
