using System;
using System.Collections.Generic;
using System.Threading;

namespace TcpTools.PowerShell;

/// <summary>Things that a runspace holds and that are closed with it. Any thread may use it.</summary>
internal sealed class OwnedList<T> : IDisposable
    where T : class, IDisposable
{
    private readonly Lock _lock = new();
    private readonly List<T> _items = [];

    /// <summary>What it holds, oldest first.</summary>
    public IReadOnlyList<T> Items
    {
        get
        {
            lock (_lock)
            {
                return [.. _items];
            }
        }
    }

    /// <summary>Takes something.</summary>
    public void Add(T item)
    {
        lock (_lock)
        {
            _items.Add(item);
        }
    }

    /// <summary>Gives something back, unclosed.</summary>
    public void Remove(T item)
    {
        lock (_lock)
        {
            _items.Remove(item);
        }
    }

    /// <summary>Closes all.</summary>
    public void Dispose()
    {
        foreach (T item in Items)
        {
            Remove(item);
            item.Dispose();
        }
    }
}
