using System;
using System.Runtime.InteropServices;

namespace TcpTools.Linux;

/// <summary>Builds one rtnetlink message in a caller's memory: header, fixed part, attributes (rtnetlink(7)).</summary>
internal ref struct NetlinkRequest
{
    internal const int HeaderLength = 16;
    internal const int AttributeHeaderLength = 4;

    private readonly Span<byte> _memory;
    private int _length;

    internal NetlinkRequest(Span<byte> memory, ushort type, ushort flags, uint sequence)
    {
        _memory = memory;
        memory.Clear();
        _length = HeaderLength;
        MemoryMarshal.Write(memory[4..], type);
        MemoryMarshal.Write(memory[6..], flags);
        MemoryMarshal.Write(memory[8..], sequence);
    }

    /// <summary>The message so far, its length filled in.</summary>
    internal readonly Span<byte> Bytes
    {
        get
        {
            MemoryMarshal.Write(_memory, (uint)_length);
            return _memory[.._length];
        }
    }

    internal static int Align(int length) => (length + 3) & ~3;

    internal void Add<T>(T value)
        where T : unmanaged
    {
        MemoryMarshal.Write(_memory[_length..], value);
        _length += Marshal.SizeOf<T>();
    }

    internal void AddAttribute(ushort kind, scoped ReadOnlySpan<byte> value)
    {
        int start = BeginNested(kind);
        value.CopyTo(_memory[_length..]);
        _length += value.Length;
        EndNested(start);
    }

    internal void AddAttribute(ushort kind, uint value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        MemoryMarshal.Write(bytes, value);
        AddAttribute(kind, bytes);
    }

    internal int BeginNested(ushort kind)
    {
        int start = _length;
        MemoryMarshal.Write(_memory[(start + 2)..], kind);
        _length += AttributeHeaderLength;
        return start;
    }

    internal void EndNested(int start)
    {
        MemoryMarshal.Write(_memory[start..], (ushort)(_length - start));
        _length = Align(_length);
    }
}
