using System;
using System.Buffers.Binary;
using System.IO;
using System.IO.Compression;

namespace TcpTools.Capture;

/// <summary>
/// Unpacks gzip (RFC 1952), and tells when the end is missing, which the platform's own stream takes for the end. The
/// last four bytes of a file repeat the length of its last member.
/// </summary>
internal sealed class GzipSource : ReadOnlyStream
{
    private readonly PackedStream _packed;
    private readonly GZipStream _plain;
    private long _length;

    public GzipSource(Stream packed)
    {
        _packed = new PackedStream(packed);
        _plain = new GZipStream(_packed, CompressionMode.Decompress);
    }

    /// <exception cref="InvalidDataException">The compression is damaged, or its end is missing.</exception>
    public override int Read(Span<byte> buffer)
    {
        int read = _plain.Read(buffer);
        _length += read;

        // With several members, only the last one's length is known at the end.
        return read == 0 && !buffer.IsEmpty && !_packed.HasSeveralMembers && _packed.LastNumber != (uint)_length
            ? throw new InvalidDataException("The end is missing.")
            : read;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _plain.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>The packed bytes on their way, and what was seen of them.</summary>
    private sealed class PackedStream(Stream inner) : ReadOnlyStream
    {
        private readonly byte[] _last = new byte[4];
        private uint _window;
        private long _count;

        /// <summary>Whether anything but the start looks like the start of a member.</summary>
        public bool HasSeveralMembers { get; private set; }

        public uint LastNumber => BinaryPrimitives.ReadUInt32LittleEndian(_last);

        public override int Read(Span<byte> buffer)
        {
            int read = inner.Read(buffer);
            ReadOnlySpan<byte> bytes = buffer[..read];
            FindMembers(bytes);
            if (read >= 4)
            {
                bytes[^4..].CopyTo(_last);
            }
            else if (read > 0)
            {
                _last.AsSpan(read).CopyTo(_last);
                bytes.CopyTo(_last.AsSpan(4 - read));
            }

            _count += read;
            return read;
        }

        private void FindMembers(ReadOnlySpan<byte> bytes)
        {
            const uint Start = 0x1F8B08;
            for (int i = 0; i < Math.Min(2, bytes.Length); i++)
            {
                // A start may lie across two reads.
                _window = ((_window << 8) | bytes[i]) & 0xFFFFFF;
                HasSeveralMembers |= _window == Start && _count + i > 2;
            }

            ReadOnlySpan<byte> start = [0x1F, 0x8B, 0x08];
            HasSeveralMembers |= bytes.Length > 2 && bytes[(_count == 0 ? 1 : 0)..].IndexOf(start) >= 0;
            if (bytes.Length > 2)
            {
                _window = ((uint)bytes[^2] << 8) | bytes[^1];
            }
        }
    }
}
