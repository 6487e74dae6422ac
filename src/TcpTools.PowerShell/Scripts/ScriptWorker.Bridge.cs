using System.Management.Automation;

namespace TcpTools.PowerShell;

/// <content>What the script that runs the others calls.</content>
internal sealed partial class ScriptWorker
{
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
