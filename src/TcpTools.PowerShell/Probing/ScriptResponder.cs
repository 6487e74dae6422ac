using System;
using System.Collections.Generic;
using System.IO;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Threading;
using TcpTools.Packets;
using TcpTools.Probing;

namespace TcpTools.PowerShell;

/// <summary>
/// Answers packets by script blocks, in a runspace and on a thread of its own, so that neither the session that started it
/// nor the place where packets come from is touched. A script that does not come back holds up this responder only, and
/// ends with it.
/// </summary>
internal sealed class ScriptResponder : IPacketResponder, IDisposable
{
    // The loop that cannot be left by a break or a continue of the user's.
    private const string Loop = """
        param($__bridge, $__match, $__reply, [object[]] $__arguments)
        $__match = [scriptblock]::Create($__match)
        $__reply = [scriptblock]::Create($__reply)
        while ($null -ne ($_ = $__bridge.Next())) {
            $__matched = $false
            $__answers = $null
            $__failure = $null
            foreach ($__once in 1) {
                try {
                    $__matched = [bool] (& $__match @__arguments)
                    if ($__matched) { $__answers = @(& $__reply @__arguments) }
                }
                catch { $__failure = $_ }
            }
            $__bridge.Done($__matched, $__answers, $__failure)
        }
        """;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _asked = new(0);
    private readonly SemaphoreSlim _answered = new(0);
    private readonly Lock _lock = new();
    private readonly System.Management.Automation.PowerShell _shell;
    private readonly PacketStart _start;
    private readonly bool _isSimulated;
    private Packet? _packet;
    private bool _matched;
    private object[]? _answers;
    private ErrorRecord? _failure;
    private bool _isAsked;

    /// <summary>Begins to wait for packets.</summary>
    /// <param name="match">Whether a packet, $_, is to be answered.</param>
    /// <param name="reply">Gives the answers.</param>
    /// <param name="arguments">What both get as arguments.</param>
    /// <param name="module">The module's manifest, for the runspace.</param>
    /// <param name="start">What bytes that are given for an answer start with.</param>
    /// <param name="isSimulated">Whether whoever moves the network waits for the answer.</param>
    public ScriptResponder(ScriptText match, ScriptText reply, object[] arguments, string module, PacketStart start, bool isSimulated)
    {
        _start = start;
        _isSimulated = isSimulated;
        InitialSessionState state = InitialSessionState.CreateDefault2();
        state.ThreadOptions = PSThreadOptions.UseCurrentThread;
        state.ImportPSModule([module]);
        foreach (ScriptText script in new[] { match, reply })
        {
            foreach ((string name, object? value) in script.Variables)
            {
                state.Variables.Add(new SessionStateVariableEntry(name, value, ""));
            }
        }

        _shell = System.Management.Automation.PowerShell.Create(state);
        _shell.AddScript(Loop).AddArgument(new Bridge(this)).AddArgument(match.Text).AddArgument(reply.Text).AddArgument(arguments);
        new Thread(Run) { IsBackground = true, Name = "TcpTools responder script" }.Start();
    }

    /// <inheritdoc/>
    public string Name => "script";

    /// <inheritdoc/>
    public bool TryRespond(Packet packet, ICollection<Packet> replies)
    {
        ErrorRecord? failure;
        object[]? answers;
        bool matched;
        lock (_lock)
        {
            _packet = packet;
            _isAsked = true;
        }

        _asked.Release();
        if (!_answered.Wait(_isSimulated ? s_patience : Timeout.InfiniteTimeSpan, _stop.Token))
        {
            lock (_lock)
            {
                _isAsked = false;
            }

            throw new StackException(StackError.TimedOut, "The script did not come back with an answer in time.");
        }

        lock (_lock)
        {
            (failure, answers, matched) = (_failure, _answers, _matched);
        }

        if (failure is not null)
        {
            throw failure.Exception;
        }

        foreach (object? answer in answers ?? [])
        {
            if (answer is null)
            {
                continue;
            }

            replies.Add(PacketInput.TryRead(answer, _start) ?? throw new InvalidDataException(
                $"The script answered with {Lookup.Show(answer)}, which is not a packet."));
        }

        return matched;
    }

    /// <summary>Ends the script, at once if it comes back and by force if it does not.</summary>
    public void Dispose()
    {
        if (!_stop.IsCancellationRequested)
        {
            _stop.Cancel();
            _shell.BeginStop(null, null);
        }
    }

    private void Run()
    {
        try
        {
            while (!_stop.IsCancellationRequested)
            {
                // An exit in the script ends it, and the next packet finds it as it was at the beginning.
                _shell.Invoke();
                _shell.Streams.ClearStreams();
                Answer(false, null, null);
            }
        }
        catch (Exception e)
        {
            // Stopped, or the runspace could not be opened: on a thread of its own, nothing may escape.
            Answer(false, null, new ErrorRecord(e, "ScriptEnded", ErrorCategory.OperationStopped, null));
        }
        finally
        {
            _shell.Runspace?.Dispose();
            _shell.Dispose();
        }
    }

    private Packet? Next()
    {
        try
        {
            _asked.Wait(_stop.Token);
        }
        catch (OperationCanceledException)
        {
            return null;
        }

        lock (_lock)
        {
            return _packet;
        }
    }

    private void Answer(bool matched, object[]? answers, ErrorRecord? failure)
    {
        lock (_lock)
        {
            if (!_isAsked)
            {
                return;
            }

            _isAsked = false;
            (_matched, _answers, _failure) = (matched, answers, failure);
        }

        _answered.Release();
    }

    /// <summary>What the script sees of this.</summary>
    public sealed class Bridge
    {
        private readonly ScriptResponder _owner;

        internal Bridge(ScriptResponder owner) => _owner = owner;

        /// <summary>The next packet, waiting for it; null at the end.</summary>
        public Packet? Next() => _owner.Next();

        /// <summary>What came of the packet.</summary>
        public void Done(bool matched, object[]? answers, ErrorRecord? failure)
        {
            // What the scripts wrote beside their answers must not pile up; an error among it is one of the responder's.
            PSDataStreams streams = _owner._shell.Streams;
            ErrorRecord? error = failure ?? (streams.Error.Count > 0 ? streams.Error[0] : null);
            streams.ClearStreams();
            _owner.Answer(matched, answers, error);
        }
    }
}
