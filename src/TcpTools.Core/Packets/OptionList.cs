using System;
using System.Collections.Generic;
using System.Collections.ObjectModel;
using System.Runtime.InteropServices;

namespace TcpTools.Packets;

/// <summary>
/// A list of options that stays the bytes it was parsed from until somebody asks for it: most packets go by without
/// anybody looking at their options.
/// </summary>
internal struct OptionList<T>
    where T : class, IRawOption
{
    private ReadOnlyMemory<byte> _raw;
    private OptionCollection<T>? _list;

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
            foreach (T option in _list.Span)
            {
                length += option.RawLength;
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
    public void Set(Collection<T>? options) => _list = new OptionCollection<T>(options ?? []);

    /// <summary>The list, read from the bytes the first time; from then on it is what counts.</summary>
    public Collection<T> Open(Action<ReadOnlySpan<byte>, Collection<T>> read)
    {
        if (_list is null)
        {
            OptionCollection<T> list = new();
            if (!_raw.IsEmpty)
            {
                read(_raw.Span, list);
            }

            _list = list;
        }

        return _list;
    }

    /// <summary>Writes the options one after another; what is left is cleared.</summary>
    public readonly void Write(Span<byte> bytes)
    {
        if (_list is null)
        {
            _raw.Span.CopyTo(bytes);
            bytes[_raw.Length..].Clear();
            return;
        }

        foreach (T option in _list.Span)
        {
            option.WriteRaw(bytes);
            bytes = bytes[option.RawLength..];
        }

        bytes.Clear();
    }

    /// <summary>Makes the list one of its own after a memberwise copy.</summary>
    public void Detach() => _list = _list is null ? null : new OptionCollection<T>(_list);
}

/// <summary>A list that can be gone through without a call for each place.</summary>
internal sealed class OptionCollection<T> : Collection<T>
{
    /// <summary>More options than this are rare in one header.</summary>
    private const int Usual = 6;

    public OptionCollection()
        : base(new List<T>(Usual))
    {
    }

    public OptionCollection(Collection<T> others)
        : base(new List<T>(others))
    {
    }

    /// <summary>The options as they stand.</summary>
    public ReadOnlySpan<T> Span => CollectionsMarshal.AsSpan((List<T>)Items);
}
