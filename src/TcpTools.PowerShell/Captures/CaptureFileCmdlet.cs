using System;
using System.Collections.Generic;
using System.Collections.ObjectModel;
using System.IO;
using System.Management.Automation;
using TcpTools.Capture;

namespace TcpTools.PowerShell;

/// <summary>
/// What the cmdlets that read capture files have in common: which files, which of their frames, and what is said of
/// files that are missing, are no captures, or are damaged.
/// </summary>
public abstract class CaptureFileCmdlet : TcpToolsCmdlet
{
    private CaptureFrameFilter? _filter;

    /// <summary>The filter expression; null for none.</summary>
    private protected abstract string? FilterText { get; }

    /// <summary>A frame that passed the filter. False ends the reading.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="number">Its place in its file, from 1 on.</param>
    private protected abstract bool Take(in CapturedFrame frame, long number);

    /// <summary>A file has been read to its end, or to its damage.</summary>
    private protected virtual void Finish(string path, PcapReader reader)
    {
    }

    /// <summary>Reads a file by another reader than ours; false where ours is to do it.</summary>
    private protected virtual bool TryReadOtherwise(string path, out bool wantsMore)
    {
        wantsMore = true;
        return false;
    }

    /// <inheritdoc/>
    protected override void Begin()
    {
        if (FilterText is { } text)
        {
            Subject = text;
            _filter = new CaptureFrameFilter(text);
        }
    }

    /// <summary>Reads files one behind the other; what is wrong with one of them does not keep the others from being read.</summary>
    /// <returns>Whether more files are wanted.</returns>
    private protected bool ReadFiles(IEnumerable<string> names, bool isLiteral, bool follow)
    {
        foreach (string name in names)
        {
            foreach (string path in Resolve(name, isLiteral))
            {
                if (!TryRead(path, follow))
                {
                    return false;
                }
            }
        }

        return true;
    }

    private Collection<string> Resolve(string name, bool isLiteral)
    {
        try
        {
            return isLiteral
                ? [GetUnresolvedProviderPathFromPSPath(name)]
                : GetResolvedProviderPathFromPSPath(name, out _);
        }
        catch (ItemNotFoundException e)
        {
            WriteError(new ErrorRecord(e, "FileNotFound", ErrorCategory.ObjectNotFound, name));
        }
        catch (System.Management.Automation.DriveNotFoundException e)
        {
            WriteError(new ErrorRecord(e, "FileNotFound", ErrorCategory.ObjectNotFound, name));
        }

        return [];
    }

    private bool TryRead(string path, bool follow)
    {
        Subject = path;
        try
        {
            if (TryReadOtherwise(path, out bool wantsMore))
            {
                return wantsMore;
            }

            using PcapReader reader = PcapReader.Open(path, follow, StopToken);
            WriteVerbose($"{path}: {reader.Format}{(reader.IsCompressed ? ", compressed" : "")}");
            try
            {
                return TryRead(reader);
            }
            finally
            {
                if (!Stopping)
                {
                    Finish(path, reader);
                }
            }
        }
        catch (StackException e) when (e.Error == StackError.InvalidData)
        {
            WriteError(Errors.From(new StackException(e.Error, $"{path}: {e.Message}", e.Advice, e), path));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            WriteError(new ErrorRecord(e, "FileNotFound", ErrorCategory.ObjectNotFound, path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            WriteError(new ErrorRecord(e, "FileNotReadable", ErrorCategory.ReadError, path));
        }

        return true;
    }

    private bool TryRead(PcapReader reader)
    {
        while (!StopToken.IsCancellationRequested && reader.TryRead(out CapturedFrame frame))
        {
            if ((_filter?.Matches(frame.Bytes, frame.Interface.LinkType.ToPacketStart()) ?? true)
                && !Take(in frame, reader.FramesRead))
            {
                return false;
            }
        }

        StopToken.ThrowIfCancellationRequested();
        return true;
    }
}
