using System;
using System.Collections.Generic;
using System.Threading;

namespace TcpTools.PowerShell;

/// <summary>
/// Things that a runspace holds and that are closed with it. Those that have ended by themselves are forgotten when somebody
/// looks. Any thread may use it.
/// </summary>
/// <param name="isAlive">Whether a thing has not ended yet; by default all live until they are removed.</param>
/// <param name="onForgotten">What is to be done for a thing that has ended.</param>
internal sealed class OwnedList<T>(Predicate<T>? isAlive = null, Action<T>? onForgotten = null) : IDisposable
    where T : class, IDisposable
{
    private readonly Lock _lock = new();
    private readonly List<T> _items = [];

    /// <summary>What it holds, oldest first.</summary>
    public IReadOnlyList<T> Items
    {
        get
        {
            T[] living;
            List<T>? ended = null;
            lock (_lock)
            {
                if (isAlive is not null)
                {
                    ended = _items.FindAll(item => !isAlive(item));
                    _items.RemoveAll(ended.Contains);
                }

                living = [.. _items];
            }

            // Outside the lock: it may take others.
            ended?.ForEach(item => onForgotten?.Invoke(item));
            return living;
        }
    }

    /// <summary>Takes something.</summary>
    public void Add(T item)
    {
        _ = Items;
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

    /// <summary>Closes all. Never throws: the next one must be closed all the same, and there is nobody left to tell.</summary>
    public void Dispose()
    {
        foreach (T item in Items)
        {
            try
            {
                item.Dispose();
            }
            catch (Exception e) when (e is StackException or ObjectDisposedException or InvalidOperationException)
            {
                // It has gone in its own way.
            }

            lock (_lock)
            {
                if (_items.Remove(item))
                {
                    onForgotten?.Invoke(item);
                }
            }
        }
    }
}
