using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;

namespace TcpTools.Capture;

/// <summary>
/// A pipe or a device, from which a read may wait without end: the wait ends when the token is cancelled, and whatever
/// the read then brings is lost with the stream.
/// </summary>
internal sealed class InterruptibleStream(Stream inner, CancellationToken stop) : ReadOnlyStream
{
    private readonly byte[] _buffer = new byte[64 * 1024];
    private int _start;
    private int _end;

    public override int Read(Span<byte> buffer)
    {
        if (_start == _end)
        {
            Task<int> read = Task.Run(() => inner.Read(_buffer), CancellationToken.None);
            read.Wait(stop);
            _start = 0;
            _end = read.Result;
        }

        int count = Math.Min(buffer.Length, _end - _start);
        _buffer.AsSpan(_start, count).CopyTo(buffer);
        _start += count;
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
