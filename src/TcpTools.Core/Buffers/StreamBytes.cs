using System;
using System.Collections.Generic;

namespace TcpTools.Buffers;

/// <summary>Bytes that are only ever added to, in blocks, so that growing copies nothing.</summary>
internal sealed class StreamBytes
{
    private const int FirstBlock = 512;
    private const int LargestBlock = 1 << 20;

    private readonly List<byte[]> _blocks = [];
    private readonly List<long> _starts = [];
    private int _used;

    public long Length { get; private set; }

    public void Append(ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty)
        {
            if (_blocks.Count == 0 || _used == _blocks[^1].Length)
            {
                // Small streams stay small: each block doubles what there is.
                int size = (int)Math.Clamp(Math.Max(Length, data.Length), FirstBlock, LargestBlock);
                _blocks.Add(GC.AllocateUninitializedArray<byte>(size));
                _starts.Add(Length);
                _used = 0;
            }

            int count = Math.Min(data.Length, _blocks[^1].Length - _used);
            data[..count].CopyTo(_blocks[^1].AsSpan(_used));
            _used += count;
            Length += count;
            data = data[count..];
        }
    }

    /// <summary>A copy of a part.</summary>
    public byte[] Copy(long from, long length)
    {
        byte[] copy = new byte[Math.Max(0, Math.Min(length, Math.Min(Length - from, Array.MaxLength)))];
        int block = _starts.BinarySearch(from);
        block = block >= 0 ? block : Math.Max(0, ~block - 1);
        int done = 0;
        while (done < copy.Length)
        {
            int at = (int)(from + done - _starts[block]);
            int count = Math.Min(copy.Length - done, _blocks[block].Length - at);
            _blocks[block].AsSpan(at, count).CopyTo(copy.AsSpan(done));
            done += count;
            block++;
        }

        return copy;
    }
}
