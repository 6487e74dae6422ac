using System;
using System.IO;
using System.Threading;

namespace TcpTools.Capture;

/// <summary>A file that grows while it is read: at its end, reading waits for more until the token is cancelled.</summary>
internal sealed class FollowingStream(Stream inner, CancellationToken stop) : ReadOnlyStream
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(50);

    public override int Read(Span<byte> buffer)
    {
        while (true)
        {
            int read = inner.Read(buffer);
            if (read > 0 || buffer.IsEmpty)
            {
                return read;
            }

            stop.WaitHandle.WaitOne(s_pause);
            stop.ThrowIfCancellationRequested();
        }
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
