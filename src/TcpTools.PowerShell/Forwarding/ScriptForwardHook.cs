using System;
using System.Buffers;
using System.Text;
using TcpTools.Forwarding;
using TcpTools.Stack;

namespace TcpTools.PowerShell;

/// <summary>
/// A script that sees what is forwarded, in a runspace of its own, one piece after the other. What it writes goes on instead of
/// what came.
/// </summary>
internal sealed class ScriptForwardHook : IForwardHook, IDisposable
{
    private readonly ScriptWorker _worker;
    private readonly Encoding _encoding;

    public ScriptForwardHook(ScriptText script, Encoding encoding, TcpStack? stack)
    {
        _encoding = encoding;
        // An array of bytes that a script writes comes byte by byte.
        _worker = new ScriptWorker(
            script, new ScriptWorkerOptions { Name = "TcpTools forwarder", Stack = stack, MaximumOutput = 16 * 1024 * 1024 });
    }

    /// <inheritdoc/>
    public void Examine(ForwardedData data, Action<Exception?> done)
    {
        data.Encoding = _encoding;
        _worker.Post(data, [data], outcome => done(Apply(data, outcome)));
    }

    public void Dispose() => _worker.Dispose();

    private Exception? Apply(ForwardedData data, ScriptOutcome outcome)
    {
        if (outcome.Errors.Count > 0)
        {
            return outcome.Errors[^1].Exception;
        }

        if (outcome.TimedOut || outcome.DroppedOutput > 0)
        {
            return new StackException(
                StackError.ResourceExhausted, outcome.TimedOut ? "The script was stopped." : "The script wrote more than can be kept.");
        }

        if (outcome.Output.Count == 0)
        {
            return null;
        }

        ArrayBufferWriter<byte> bytes = new();
        foreach (object? item in outcome.Output)
        {
            if (item is not null && !Payload.TryWrite(bytes, item, _encoding, asLines: false))
            {
                return new StackException(
                    StackError.InvalidArgument, $"The script wrote '{item}', which is neither text nor bytes.");
            }
        }

        data.Data = bytes.WrittenSpan.ToArray();
        return null;
    }
}
