using System;
using System.Collections.ObjectModel;

namespace TcpTools.Packets;

/// <summary>
/// A list of options that stays the bytes it was parsed from until somebody asks for it: most packets go by without
/// anybody looking at their options.
/// </summary>
internal struct OptionList<T>
    where T : class, IRawOption
{
    private ReadOnlyMemory<byte> _raw;
    private Collection<T>? _list;

    /// <summary>Whether there are none.</summary>
    public readonly bool IsEmpty => _list is null ? _raw.IsEmpty : _list.Count == 0;

    /// <summary>Bytes of all options, without filling.</summary>
    public readonly int Length
    {
        get
        {
            if (_list is null)
            {
                return _raw.Length;
            }

            int length = 0;
            for (int i = 0; i < _list.Count; i++)
            {
                length += _list[i].Raw.Length;
            }

            return length;
        }
    }

    /// <summary>Takes over bytes that nobody changes any more.</summary>
    public void SetRaw(ReadOnlyMemory<byte> raw)
    {
        _raw = raw;
        _list = null;
    }

    /// <summary>Takes over a copy of a list.</summary>
    public void Set(Collection<T>? options) => _list = [.. options ?? []];

    /// <summary>The list, read from the bytes the first time; from then on it is what counts.</summary>
    public Collection<T> Open(Func<ReadOnlySpan<byte>, Collection<T>> read) => _list ??= read(_raw.Span);

    /// <summary>Writes the options one after another; what is left is cleared.</summary>
    public readonly void Write(Span<byte> bytes)
    {
        if (_list is null)
        {
            _raw.Span.CopyTo(bytes);
            bytes[_raw.Length..].Clear();
            return;
        }

        for (int i = 0; i < _list.Count; i++)
        {
            byte[] raw = _list[i].Raw;
            raw.CopyTo(bytes);
            bytes = bytes[raw.Length..];
        }

        bytes.Clear();
    }

    /// <summary>Makes the list one of its own after a memberwise copy.</summary>
    public void Detach() => _list = _list is null ? null : [.. _list];
}
