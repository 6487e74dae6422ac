using System.Collections.Generic;
using System.Threading;

namespace TcpTools.Servers;

/// <summary>The last so many of something. Any thread may use it.</summary>
/// <param name="capacity">How many are kept.</param>
internal sealed class BoundedList<T>(int capacity)
{
    private readonly Lock _lock = new();
    private readonly Queue<T> _items = new();

    /// <summary>Takes one; the oldest makes room when there is none.</summary>
    public void Add(T item)
    {
        lock (_lock)
        {
            if (_items.Count == capacity)
            {
                _items.Dequeue();
            }

            _items.Enqueue(item);
        }
    }

    /// <summary>What is kept, oldest first.</summary>
    public IReadOnlyList<T> Snapshot()
    {
        lock (_lock)
        {
            return _items.ToArray();
        }
    }
}
