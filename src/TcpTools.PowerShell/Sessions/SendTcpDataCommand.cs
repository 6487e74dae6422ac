using System;
using System.Buffers;
using System.Management.Automation;
using System.Text;
using TcpTools.Stack;

namespace TcpTools.PowerShell;

/// <summary>Sends text or bytes over a session.</summary>
[Cmdlet(VerbsCommunications.Send, "TcpData", DefaultParameterSetName = "Data")]
[OutputType(typeof(TcpSession))]
public sealed class SendTcpDataCommand : TcpToolsCmdlet
{
    /// <summary>Single bytes that are piped in go out in pieces of this size.</summary>
    private const int CoalesceSize = 16384;

    private readonly ArrayBufferWriter<byte> _bytes = new();
    private TcpSession? _sent;

    /// <summary>The session.</summary>
    [Parameter(ParameterSetName = "Data", ValueFromPipeline = true)]
    [Parameter(ParameterSetName = "InputObject")]
    [SessionTransform]
    [ArgumentCompleter(typeof(SessionCompleter))]
    public TcpSession? Session { get; set; }

    /// <summary>What to send: text, bytes, or several of them.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Data")]
    [AllowEmptyString]
    [AllowEmptyCollection]
    public object Data { get; set; } = "";

    /// <summary>What to send, from the pipeline.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "InputObject", ValueFromPipeline = true)]
    [AllowEmptyString]
    [AllowEmptyCollection]
    public object InputObject { get; set; } = "";

    /// <summary>Each text is followed by carriage return and line feed.</summary>
    [Parameter]
    public SwitchParameter Line { get; set; }

    /// <summary>How text becomes bytes.</summary>
    [Parameter]
    [EncodingTransform]
    [ArgumentCompleter(typeof(EncodingCompleter))]
    public Encoding Encoding { get; set; } = EncodingTransformAttribute.Default;

    /// <summary>The last byte is marked urgent.</summary>
    [Parameter]
    public SwitchParameter Urgent { get; set; }

    /// <summary>Waits until the peer has acknowledged everything.</summary>
    [Parameter]
    public SwitchParameter Wait { get; set; }

    /// <summary>How long to wait for room, and with -Wait for the acknowledgment.</summary>
    [Parameter]
    [TimeoutTransform]
    [Alias("Timeout", "TimeoutSeconds")]
    public double TimeoutSec { get; set; } = 30;

    /// <summary>Writes the session.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        TcpSession session = RequireSession(Session);
        _sent = session;
        if (ParameterSetName == "InputObject")
        {
            // A piped array of bytes comes one by one: a call for each would be a segment for each.
            Add(InputObject);
            if (_bytes.WrittenCount >= CoalesceSize || IsWhole(InputObject))
            {
                Flush(session);
            }

            return;
        }

        if (Data is byte[] || (Data is PSObject { BaseObject: byte[] }))
        {
            // As it is: a large array need not be copied.
            Write(session, (byte[])Base(Data)!);
        }
        else
        {
            Add(Data);
            Flush(session);
        }

        Complete(session);
    }

    /// <inheritdoc/>
    protected override void End()
    {
        if (ParameterSetName == "InputObject" && _sent is not null)
        {
            Subject = _sent;
            Flush(_sent);
            Complete(_sent);
        }
    }

    /// <summary>
    /// Whether something from the pipeline goes out at once: an array is a piece of its own, and who serves a session answers
    /// what has come before more comes.
    /// </summary>
    private static bool IsWhole(object input) => (input is PSObject wrapped ? wrapped.BaseObject : input) switch
    {
        byte[] => true,
        string => State.ServesSession,
        _ => false,
    };

    private void Complete(TcpSession session)
    {
        if (Wait && !IsManual(session.Stack)
            && !session.WaitFor(SessionCondition.Drained, Limit(TimeoutSec), StopToken))
        {
            throw session.Failure ?? new StackException(
                StackError.TimedOut, "The peer has not acknowledged everything in time.", "Wait-TcpSession Drained waits on.");
        }

        if (PassThru)
        {
            WriteObject(session);
        }
    }

    private void Flush(TcpSession session)
    {
        try
        {
            Write(session, _bytes.WrittenSpan);
        }
        finally
        {
            _bytes.ResetWrittenCount();
        }
    }

    private void Write(TcpSession session, ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty)
        {
            return;
        }

        if (Urgent)
        {
            int taken = session.WriteUrgent(data);
            if (taken < data.Length)
            {
                throw new StackException(
                    StackError.TimedOut, $"Only {taken} of {data.Length} bytes found room.", "Send urgent data in small pieces.");
            }
        }
        else if (IsManual(session.Stack))
        {
            WriteNow(session, data);
        }
        else
        {
            session.WriteAll(data, Limit(TimeoutSec), StopToken);
        }
    }

    private static void WriteNow(TcpSession session, ReadOnlySpan<byte> data)
    {
        int taken = session.Write(data);
        if (taken < data.Length)
        {
            throw new StackException(
                StackError.TimedOut,
                $"Only {taken} of {data.Length} bytes found room.",
                "Step the stack until the peer has acknowledged some, then send the rest.");
        }
    }

    private void Add(object? data)
    {
        if (!Payload.TryWrite(_bytes, data, Encoding, Line))
        {
            ThrowTerminatingError(Payload.WrongType(data));
        }
    }

    private static object? Base(object? item) => item is PSObject wrapped ? wrapped.BaseObject : item;
}
