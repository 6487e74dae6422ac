using System;
using System.Diagnostics;
using System.Management.Automation;
using System.Text;
using TcpTools.Stack;

namespace TcpTools.PowerShell;

/// <summary>Receives bytes or text from a session.</summary>
[Cmdlet(VerbsCommunications.Receive, "TcpData", DefaultParameterSetName = "Available")]
[OutputType(typeof(byte[]), ParameterSetName = ["Available", "Count", "Until", "All", "Stream"])]
[OutputType(typeof(string))]
public sealed class ReceiveTcpDataCommand : TcpToolsCmdlet
{
    private static readonly byte[] s_lineFeed = [(byte)'\n'];

    private readonly Stopwatch _sinceProgress = Stopwatch.StartNew();
    private bool _showedProgress;

    /// <summary>The session.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [SessionTransform]
    [ArgumentCompleter(typeof(SessionCompleter))]
    public TcpSession? Session { get; set; }

    /// <summary>Exactly so many bytes; with -Line, so many lines.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Count")]
    [ValidateRange(1, int.MaxValue)]
    public int Count { get; set; }

    /// <summary>Everything through this text or these bytes.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Until")]
    [ValidateNotNullOrEmpty]
    public object Until { get; set; } = "";

    /// <summary>A line of text, without its end.</summary>
    [Parameter(ParameterSetName = "Available")]
    [Parameter(ParameterSetName = "Count")]
    [Parameter(ParameterSetName = "All")]
    public SwitchParameter Line { get; set; }

    /// <summary>Everything until the peer finishes.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "All")]
    public SwitchParameter All { get; set; }

    /// <summary>Each piece as it comes, until the peer finishes.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Stream")]
    public SwitchParameter Stream { get; set; }

    /// <summary>At most so many bytes of what is there.</summary>
    [Parameter(ParameterSetName = "Available")]
    [ValidateRange(1, int.MaxValue)]
    public int MaximumBytes { get; set; } = 1 << 20;

    /// <summary>Writes text instead of bytes.</summary>
    [Parameter]
    public SwitchParameter AsString { get; set; }

    /// <summary>How bytes become text.</summary>
    [Parameter]
    [EncodingTransform]
    [ArgumentCompleter(typeof(EncodingCompleter))]
    public Encoding Encoding { get; set; } = EncodingTransformAttribute.Default;

    /// <summary>How long to wait for the next data.</summary>
    [Parameter]
    [TimeoutTransform]
    [Alias("Timeout", "TimeoutSeconds")]
    public double TimeoutSec { get; set; } = 30;

    private bool WantsText => AsString || MyInvocation.BoundParameters.ContainsKey(nameof(Encoding));

    /// <inheritdoc/>
    protected override void Process()
    {
        TcpSession session = RequireSession(Session);
        SessionReader reader = SessionReader.For(session);
        TimeSpan limit = IsManual(session.Stack) ? TimeSpan.Zero : Limit(TimeoutSec);
        switch (Line ? "Line" : ParameterSetName)
        {
            case "Line":
                ReadLines(reader, limit);
                break;
            case "Count":
                WriteWhole(reader.ReadExactly(Count, limit, StopToken), Count);
                break;
            case "Until":
                byte[] piece = reader.ReadThrough(Mark(), limit, out bool isComplete, StopToken);
                Write(piece);
                if (!isComplete)
                {
                    WriteEndError("The peer finished before the mark came.");
                }

                break;
            case "All":
                Write(reader.ReadToEnd(limit, ShowProgress, StopToken));
                HideProgress();
                break;
            default:
                while (WriteAvailable(reader, limit) && GoesOn)
                {
                    // Until the peer finishes.
                }

                break;
        }
    }

    private void ReadLines(SessionReader reader, TimeSpan limit)
    {
        long wanted = All ? long.MaxValue : Math.Max(1, Count);
        bool isComplete = true;
        for (long i = 0; i < wanted && isComplete; i++)
        {
            byte[] line = reader.ReadThrough(s_lineFeed, limit, out isComplete, StopToken);
            if (isComplete || line.Length > 0)
            {
                int end = line.Length - (isComplete ? 1 : 0);
                end -= end > 0 && line[end - 1] == '\r' ? 1 : 0;
                WriteObject(Encoding.GetString(line, 0, end));
            }
        }
    }

    /// <summary>Whether every piece is wanted: in a script that serves the session, for whatever comes next in its pipeline.</summary>
    private bool GoesOn => Stream || (State.ServesSession
        && MyInvocation.PipelinePosition < MyInvocation.PipelineLength
        && !MyInvocation.BoundParameters.ContainsKey(nameof(MaximumBytes)));

    /// <summary>Writes what there is; false at the end of the peer's data.</summary>
    private bool WriteAvailable(SessionReader reader, TimeSpan limit)
    {
        byte[] bytes = reader.ReadAvailable(MaximumBytes, limit, StopToken);
        if (!WantsText)
        {
            Write(bytes);
            return bytes.Length > 0;
        }

        while (bytes.Length > 0)
        {
            Decoder decoder = Encoding.GetDecoder();
            char[] text = new char[Encoding.GetMaxCharCount(bytes.Length)];
            decoder.Convert(bytes, text, false, out _, out int count, out _);
            if (count > 0)
            {
                WriteWholeCharacters(reader, bytes, new string(text, 0, count));
                return true;
            }

            // A part of one character: the rest is under way, unless the peer has finished.
            byte[] more = ReadRest(reader, bytes, limit);
            if (more.Length == 0)
            {
                Write(bytes);
                return false;
            }

            bytes = [.. bytes, .. more];
        }

        return false;
    }

    /// <summary>Writes text; the bytes of a character whose others are still under way stay for the next read.</summary>
    private void WriteWholeCharacters(SessionReader reader, byte[] bytes, string text)
    {
        int whole = Encoding.GetByteCount(text);
        if (whole < bytes.Length && bytes.AsSpan(0, whole).SequenceEqual(Encoding.GetBytes(text)))
        {
            reader.Unread(bytes.AsSpan(whole));
            WriteObject(text);
            return;
        }

        Write(bytes);
    }

    private byte[] ReadRest(SessionReader reader, byte[] begun, TimeSpan limit)
    {
        try
        {
            return reader.ReadAvailable(MaximumBytes, limit, StopToken);
        }
        catch
        {
            reader.Unread(begun);
            throw;
        }
    }

    private byte[] Mark()
    {
        object mark = Until is PSObject wrapped ? wrapped.BaseObject : Until;
        switch (mark)
        {
            case byte[] bytes:
                return bytes;
            case byte one:
                return [one];
            case char letter:
                return Encoding.GetBytes([letter]);
            case string text:
                return Encoding.GetBytes(text);
            case object[] list when LanguagePrimitives.TryConvertTo(list, out byte[] converted):
                return converted;
            default:
                throw new StackException(StackError.InvalidArgument, $"-Until takes text or bytes, not '{mark}'.");
        }
    }

    private void WriteWhole(byte[] bytes, int wanted)
    {
        Write(bytes);
        if (bytes.Length < wanted)
        {
            WriteEndError($"The peer finished after {bytes.Length} of {wanted} bytes.");
        }
    }

    private void WriteEndError(string message) => WriteError(Errors.Make(
        "UnexpectedEnd", ErrorCategory.InvalidData, message, Subject, "What came before has been written to the pipeline."));

    private void Write(byte[] bytes)
    {
        if (bytes.Length == 0)
        {
            return;
        }

        if (WantsText)
        {
            WriteObject(Encoding.GetString(bytes));
        }
        else
        {
            WriteObject(bytes, false);
        }
    }

    private void ShowProgress(int count)
    {
        const int Interval = 200;
        if (_sinceProgress.ElapsedMilliseconds < (_showedProgress ? Interval : 5 * Interval))
        {
            return;
        }

        _sinceProgress.Restart();
        _showedProgress = true;
        WriteProgress(new ProgressRecord(1, "Receiving", $"{count / 1024:N0} KB"));
    }

    private void HideProgress()
    {
        if (_showedProgress)
        {
            WriteProgress(new ProgressRecord(1, "Receiving", "done") { RecordType = ProgressRecordType.Completed });
        }
    }
}
