using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
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
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource _stop = new();
    private readonly ScriptWorker _worker;
    private readonly object[] _arguments;
    private readonly PacketStart _start;
    private readonly bool _isSimulated;

    /// <summary>Begins to wait for packets.</summary>
    /// <param name="match">Whether a packet, $_, is to be answered.</param>
    /// <param name="reply">Gives the answers.</param>
    /// <param name="arguments">What both get as arguments.</param>
    /// <param name="start">What bytes that are given for an answer start with.</param>
    /// <param name="isSimulated">Whether whoever moves the network waits for the answer.</param>
    public ScriptResponder(ScriptText match, ScriptText reply, object[] arguments, PacketStart start, bool isSimulated)
    {
        _arguments = arguments;
        _start = start;
        _isSimulated = isSimulated;
        // What comes first in the output tells a match without an answer from none.
        ScriptText both = ScriptText.Join("if (& {0} @args) {{ $true; & {1} @args }}", match, reply);
        _worker = new ScriptWorker(both, new ScriptWorkerOptions { Name = "TcpTools responder script" });
    }

    /// <inheritdoc/>
    public string Name => "script";

    /// <inheritdoc/>
    public bool TryRespond(Packet packet, ICollection<Packet> replies)
    {
        ScriptOutcome outcome = _worker.Invoke(packet, _arguments, _isSimulated ? s_patience : Timeout.InfiniteTimeSpan, _stop.Token);
        if (outcome.TimedOut)
        {
            throw new StackException(StackError.TimedOut, "The script did not come back with an answer in time.");
        }

        if (outcome.Errors.Count > 0)
        {
            throw outcome.Errors[^1].Exception;
        }

        foreach (object? answer in outcome.Output.Skip(1))
        {
            if (answer is not null)
            {
                replies.Add(PacketInput.TryRead(answer, _start) ?? throw new InvalidDataException(
                    $"The script answered with {Lookup.Show(answer)}, which is not a packet."));
            }
        }

        return outcome.Output.Count > 0;
    }

    /// <summary>Ends the script, at once if it comes back and by force if it does not.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        _worker.Dispose();
    }
}
