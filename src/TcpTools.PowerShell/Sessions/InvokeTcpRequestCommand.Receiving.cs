using System;
using System.Collections.Generic;
using System.Management.Automation;
using TcpTools.Messages;
using TcpTools.Stack;

namespace TcpTools.PowerShell;

/// <content>What is received.</content>
public sealed partial class InvokeTcpRequestCommand
{
    /// <summary>Receives one message; false when no other can follow.</summary>
    private bool ReceiveMessage(SessionReader reader, IMessageFramer framer, TimeSpan limit)
    {
        framer.Reset();
        byte[] message = reader.ReadMessage(Cut, MaximumBytes, limit, out bool isComplete, StopToken);
        if (framer is HttpFramer http)
        {
            foreach (HttpMessage interim in http.InterimResponses)
            {
                WriteVerbose($"{interim.StartLine}");
            }

            if (http.Message is { } found && (isComplete || message.Length > 0))
            {
                WriteObject(found);
            }
        }
        else if (isComplete || message.Length > 0)
        {
            WriteContent(message, framer, isComplete);
        }

        if (!isComplete)
        {
            WriteUnexpectedEnd(
                message.Length > 0 ? "The peer finished in the middle of a message." : "The peer finished without an answer.");
        }

        return isComplete;

        int Cut(ReadOnlySpan<byte> bytes, bool isEnd)
        {
            if (framer is HttpFramer timed)
            {
                timed.Time = DateTimeOffset.Now;
            }

            return framer.Cut(bytes, isEnd);
        }
    }

    private void WriteContent(byte[] message, IMessageFramer framer, bool isComplete)
    {
        switch (framer)
        {
            case DelimiterFramer lines:
                int end = message.Length - (isComplete ? lines.Mark.Length : 0);
                end -= isComplete && Delimiter is null && end > 0 && message[end - 1] == '\r' ? 1 : 0;
                WriteObject(Encoding.GetString(message, 0, end));
                break;
            case LengthFramer lengths when isComplete:
                Write(message[lengths.PrefixBytes..]);
                break;
            default:
                Write(message);
                break;
        }
    }

    /// <summary>Receives what comes until nothing more does; false when the peer has finished.</summary>
    private bool ReceiveRaw(SessionReader reader, TimeSpan limit, bool isFirst)
    {
        List<byte> all = [.. reader.ReadAvailable(MaximumBytes, limit, StopToken)];
        bool goesOn = all.Count > 0;
        bool isQuiet = limit == TimeSpan.Zero;
        try
        {
            while (goesOn && !isQuiet && all.Count < MaximumBytes)
            {
                byte[] more = reader.ReadAvailable(MaximumBytes - all.Count, QuietTime, StopToken);
                all.AddRange(more);
                goesOn = more.Length > 0;
            }
        }
        catch (StackException e) when (e.Error == StackError.TimedOut)
        {
            isQuiet = true;
        }
        catch (StackException)
        {
            // What came before is told before the error that ended the session.
            Write([.. all]);
            throw;
        }
        catch (OperationCanceledException)
        {
            reader.Unread([.. all]);
            throw;
        }

        if (all.Count > 0)
        {
            Write([.. all]);
        }
        else if (isFirst)
        {
            WriteUnexpectedEnd("The peer finished without an answer.");
        }

        return goesOn;
    }

    private void WriteUnexpectedEnd(string message) => WriteError(Errors.Make(
        "UnexpectedEnd", ErrorCategory.InvalidData, message, Subject, "What came before has been written to the pipeline."));

    private void Write(byte[] bytes)
    {
        if (AsString)
        {
            WriteObject(Encoding.GetString(bytes));
        }
        else
        {
            WriteObject(bytes, false);
        }
    }
}
