using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using TcpTools.Tcp;

namespace TcpTools.Stack;

/// <content>What users ask for of a manual stack that does so in steps of their own (<see cref="TcpStackOptions.DefersCalls"/>).</content>
public sealed partial class TcpStack
{
    private const int MostDeferredBytes = 16 << 20;
    private const int MostTextShown = 40;

    private readonly List<Call> _calls = [];

    /// <summary>What a call asks for.</summary>
    internal enum CallKind
    {
        Open,
        Write,
        WriteUrgent,
        Shutdown,
        Close,
        Abort,
    }

    /// <summary>Whether what users ask for waits for a step.</summary>
    internal bool DefersCalls => Options.DefersCalls;

    /// <summary>Takes a call for a later step. Under the lock.</summary>
    internal void Defer(StackSession session, CallKind kind)
    {
        if (kind == CallKind.Abort)
        {
            // What has not been done yet is not done any more, but a session that was never opened has nothing to abort.
            _calls.RemoveAll(call => call.Session == session);
            if (session.IsUnopened)
            {
                session.IsUnopened = false;
                Unregister(session);
                return;
            }
        }

        _calls.Add(new Call(session, kind, [], _now));
    }

    /// <summary>Takes data to be written in a later step. Under the lock.</summary>
    /// <returns>How much of it: all that there is room for.</returns>
    internal int Defer(StackSession session, ReadOnlySpan<byte> data, bool isUrgent)
    {
        int waiting = 0;
        foreach (Call call in _calls)
        {
            waiting += call.Session == session ? call.Data.Length : 0;
        }

        int taken = Math.Min(data.Length, MostDeferredBytes - waiting);
        if (taken > 0)
        {
            _calls.Add(new Call(session, isUrgent ? CallKind.WriteUrgent : CallKind.Write, data[..taken].ToArray(), _now));
        }

        return taken;
    }

    /// <summary>Whether a session's user has asked for the end of sending, which waits for a step.</summary>
    internal bool IsEndDeferred(StackSession session) =>
        _calls.Exists(call => call.Session == session && call.Kind is CallKind.Shutdown or CallKind.Close or CallKind.Abort);

    /// <summary>Whether a session's user has asked for anything that waits for a step.</summary>
    internal bool HasDeferred(StackSession session) => _calls.Exists(call => call.Session == session);

    private static bool IsReady(Call call) => call.Kind is not (CallKind.Write or CallKind.WriteUrgent)
        || call.Session.Connection.WritableBytes > 0
        || call.Session.State is not (TcpState.SynSent or TcpState.SynReceived or TcpState.Established or TcpState.CloseWait);

    private static string Describe(Call call) => call.Kind switch
    {
        CallKind.Open => $"opens session {call.Session.Id} to {call.Session.Key.RemoteAddress}:{call.Session.Key.RemotePort}",
        CallKind.Write => string.Create(
            CultureInfo.InvariantCulture, $"writes {call.Data.Length - call.Done} bytes to session {call.Session.Id}{Show(call)}"),
        CallKind.WriteUrgent => string.Create(
            CultureInfo.InvariantCulture, $"writes {call.Data.Length} urgent bytes to session {call.Session.Id}{Show(call)}"),
        CallKind.Shutdown => $"finishes sending on session {call.Session.Id}",
        CallKind.Close => $"closes session {call.Session.Id}",
        _ => $"aborts session {call.Session.Id}",
    };

    /// <summary>A short text as itself; of anything else the length says enough.</summary>
    private static string Show(Call call)
    {
        ReadOnlySpan<byte> data = call.Data.AsSpan(call.Done);
        return data.Length <= MostTextShown && !data.ContainsAnyExceptInRange((byte)' ', (byte)'~')
            ? $": {Encoding.ASCII.GetString(data)}"
            : "";
    }

    /// <summary>The oldest call that can be done; those of one session follow one another.</summary>
    private Call? NextCall()
    {
        for (int i = 0; i < _calls.Count; i++)
        {
            StackSession session = _calls[i].Session;
            if (_calls.FindIndex(call => call.Session == session) == i && IsReady(_calls[i]))
            {
                return _calls[i];
            }
        }

        return null;
    }

    /// <summary>Does the next thing that a user has asked for.</summary>
    private bool DoCall(Instant now)
    {
        if (NextCall() is not { } call)
        {
            return false;
        }

        StackSession session = call.Session;
        _notes!.Begin(session, now);
        string summary = "application: " + Describe(call);
        int done = 0;
        if (call.Kind is CallKind.Write or CallKind.WriteUrgent && session.Connection.WritableBytes == 0)
        {
            summary += ", which fails: the session takes no more data";
            done = call.Data.Length;
        }

        // Told before what follows from it, although only the connection knows how much it takes.
        _notes.Add(StepEventKind.ApplicationCall, session.Id, summary);
        if (done == 0)
        {
            done = Perform(call, now);
        }

        call.Done += done;
        if (call.Done >= call.Data.Length || call.Kind == CallKind.WriteUrgent)
        {
            _calls.Remove(call);
        }
        else
        {
            _notes.Add(
                StepEventKind.ApplicationTold,
                session.Id,
                string.Create(CultureInfo.InvariantCulture, $"session {session.Id} took {done} bytes; the other {call.Data.Length - call.Done} wait for room"));
        }

        Signal(session);
        return true;
    }

    private static int Perform(Call call, Instant now)
    {
        StackSession session = call.Session;
        switch (call.Kind)
        {
            case CallKind.Open:
                session.IsUnopened = false;
                session.Connection.OpenActive(now);
                break;
            case CallKind.Write:
                return session.Connection.Write(call.Data.AsSpan(call.Done), now);
            case CallKind.WriteUrgent:
                return session.Connection.WriteUrgent(call.Data, now);
            case CallKind.Shutdown:
                session.Connection.Shutdown(now);
                break;
            case CallKind.Close:
                session.CloseNow(now);
                break;
            default:
                session.AbortNow(now);
                break;
        }

        return 0;
    }

    /// <summary>Something that a user has asked for.</summary>
    private sealed record Call(StackSession Session, CallKind Kind, byte[] Data, Instant At)
    {
        /// <summary>Bytes of the data that have been written.</summary>
        public int Done { get; set; }
    }
}
