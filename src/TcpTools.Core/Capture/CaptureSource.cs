using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;

namespace TcpTools.Capture;

/// <summary>Opens what a capture may be in: a file, a file that grows, a pipe, each of them compressed or not.</summary>
internal static class CaptureSource
{
    private static ReadOnlySpan<byte> GzipMagic => [0x1F, 0x8B];

    private static ReadOnlySpan<byte> ZstandardMagic => [0x28, 0xB5, 0x2F, 0xFD];

    private static ReadOnlySpan<byte> Lz4Magic => [0x04, 0x22, 0x4D, 0x18];

    /// <summary>Opens a path. Neither a pipe that nobody writes to nor a file that does not grow can make this wait for ever.</summary>
    internal static Stream Open(string path, bool follow, CancellationToken stop)
    {
        Task<FileStream> opening = Task.Run(
            () => new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0),
            CancellationToken.None);
        try
        {
            opening.Wait(stop);
        }
        catch (OperationCanceledException)
        {
            // Somebody may open the pipe's other end one day.
            _ = opening.ContinueWith(
                static late => late.Result.Dispose(),
                CancellationToken.None,
                TaskContinuationOptions.OnlyOnRanToCompletion,
                TaskScheduler.Default);
            throw;
        }
        catch (AggregateException)
        {
            // Thrown below as what it is.
        }

        FileStream file = opening.GetAwaiter().GetResult();
        return !file.CanSeek ? new InterruptibleStream(file, stop) : follow ? new FollowingStream(file, stop) : file;
    }

    /// <summary>The stream behind a compression, if there is one.</summary>
    /// <exception cref="StackException">The compression is one that is not known here.</exception>
    internal static Stream Unpack(Stream stream)
    {
        byte[] start = new byte[4];
        int count = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        Stream whole = new PrefixedStream(start[..count], stream);
        if (start.AsSpan().SequenceEqual(ZstandardMagic) || start.AsSpan().SequenceEqual(Lz4Magic))
        {
            throw new StackException(
                StackError.InvalidData,
                "The capture is compressed in a way that is not read here (gzip is).",
                "Unpack it first, with zstd -d or lz4 -d.");
        }

        return start.AsSpan().StartsWith(GzipMagic) ? new GzipSource(whole) : whole;
    }
}
