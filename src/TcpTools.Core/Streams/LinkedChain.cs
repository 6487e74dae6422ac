using System.Collections.Generic;

namespace TcpTools.Streams;

/// <summary>What can stand in a <see cref="LinkedChain{T}"/>, in one at a time.</summary>
internal interface ILinked<T>
    where T : class, ILinked<T>
{
    T? Older { get; set; }

    T? Newer { get; set; }

    LinkedChain<T>? Chain { get; set; }
}

/// <summary>A list in order of arrival whose members are their own nodes: in, out and to the end without allocating.</summary>
internal sealed class LinkedChain<T>
    where T : class, ILinked<T>
{
    private T? _newest;

    public T? Oldest { get; private set; }

    public int Count { get; private set; }

    /// <summary>Puts a member at the end; takes it out of the chain it is in.</summary>
    public void Add(T item)
    {
        item.Chain?.Remove(item);
        item.Chain = this;
        item.Older = _newest;
        item.Newer = null;
        if (_newest is null)
        {
            Oldest = item;
        }
        else
        {
            _newest.Newer = item;
        }

        _newest = item;
        Count++;
    }

    public void Remove(T item)
    {
        if (item.Chain != this)
        {
            return;
        }

        if (item.Older is null)
        {
            Oldest = item.Newer;
        }
        else
        {
            item.Older.Newer = item.Newer;
        }

        if (item.Newer is null)
        {
            _newest = item.Older;
        }
        else
        {
            item.Newer.Older = item.Older;
        }

        item.Older = null;
        item.Newer = null;
        item.Chain = null;
        Count--;
    }

    /// <summary>All members, oldest first, as a copy.</summary>
    public List<T> ToList()
    {
        List<T> list = new(Count);
        for (T? item = Oldest; item is not null; item = item.Newer)
        {
            list.Add(item);
        }

        return list;
    }
}
