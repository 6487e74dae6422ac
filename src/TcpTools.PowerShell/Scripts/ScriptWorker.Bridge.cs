using System;
using System.Management.Automation;

namespace TcpTools.PowerShell;

/// <content>The shell of the runs: what the script that runs the others calls, and how it is stopped.</content>
internal sealed partial class ScriptWorker
{
    private void StopShell()
    {
        try
        {
            _shell.BeginStop(null, null);
        }
        catch (ObjectDisposedException)
        {
            // It has ended by itself.
        }
    }

    /// <summary>What the loop sees of this.</summary>
    public sealed class Bridge
    {
        private readonly ScriptWorker _worker;

        internal Bridge(ScriptWorker worker) => _worker = worker;

        /// <summary>What the script finds as <c>$_</c>.</summary>
        public object? Item => _worker._current?.Item;

        /// <summary>What the script gets as arguments.</summary>
        public object?[] Arguments => _worker._current?.Arguments ?? [];

        /// <summary>Waits for the next call; false at the end.</summary>
        public bool Next() => _worker.Next();

        /// <summary>What the script threw.</summary>
        public void Fail(ErrorRecord error) => _worker._current?.Fail(error);

        /// <summary>The run has come to its end.</summary>
        public void Done() => _worker.Done();
    }
}
