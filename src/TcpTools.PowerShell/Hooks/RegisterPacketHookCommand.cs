using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using TcpTools.Hooks;
using TcpTools.Packets;
using TcpTools.Stack;

namespace TcpTools.PowerShell;

/// <summary>Registers a hook with a stack.</summary>
[Cmdlet(VerbsLifecycle.Register, "PacketHook", DefaultParameterSetName = "Stage")]
[OutputType(typeof(PacketHook))]
public sealed partial class RegisterPacketHookCommand : TcpToolsCmdlet
{
    private static readonly HookStage[] s_told = [HookStage.StateChange, HookStage.Timer, HookStage.Connected, HookStage.Data];

    /// <summary>Where the hook is called.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Stage")]
    public HookStage[] Stage { get; set; } = [];

    /// <summary>In place of a stage: TcpIn, TcpOut, or both.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Direction")]
    public HookDirection Direction { get; set; }

    /// <summary>What is done with each packet.</summary>
    [Parameter(Position = 1, ParameterSetName = "Stage")]
    [Parameter(Position = 0, ParameterSetName = "Direction")]
    public ScriptBlock? Action { get; set; }

    /// <summary>What the script block gets as arguments.</summary>
    [Parameter]
    [Alias("Args")]
    public object[] ArgumentList { get; set; } = [];

    /// <summary>C# code that is called for each packet.</summary>
    [Parameter]
    [HookHandlerTransform]
    public object? Handler { get; set; }

    /// <summary>Lets packets vanish.</summary>
    [Parameter]
    public SwitchParameter Drop { get; set; }

    /// <summary>Keeps packets until the hook ends.</summary>
    [Parameter]
    public SwitchParameter Hold { get; set; }

    /// <summary>Keeps packets for so long.</summary>
    [Parameter]
    [DurationTransform]
    public TimeSpan? Delay { get; set; }

    /// <summary>How many copies follow each packet.</summary>
    [Parameter]
    [ValidateRange(1, 10_000)]
    public int Duplicate { get; set; }

    /// <summary>The time between copies.</summary>
    [Parameter]
    [DurationTransform]
    public TimeSpan Gap { get; set; }

    /// <summary>Fields that are set in each packet, with their values.</summary>
    [Parameter]
    public IDictionary? Set { get; set; }

    /// <summary>What is damaged in each packet.</summary>
    [Parameter]
    public HookDamage Corrupt { get; set; }

    /// <summary>After so many packets the hook ends.</summary>
    [Parameter]
    [Alias("Count")]
    [ValidateRange(1, int.MaxValue)]
    public int? First { get; set; }

    /// <summary>After so many seconds of the stack's clock the hook ends.</summary>
    [Parameter]
    [TimeoutTransform]
    public double DurationSec { get; set; } = -1;

    /// <summary>The hook's name.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <summary>Low numbers are called first.</summary>
    [Parameter]
    public int Order { get; set; }

    /// <summary>How long the script may take for one packet, in seconds of real time.</summary>
    [Parameter]
    [TimeoutTransform]
    public double TimeoutSec { get; set; } = 30;

    /// <summary>How many packets may wait for the script.</summary>
    [Parameter]
    [ValidateRange(1, 1_000_000)]
    public int Capacity { get; set; } = 1024;

    /// <summary>The stack; the default one when none is named.</summary>
    [Parameter(ValueFromPipeline = true)]
    [StackTransform]
    [ArgumentCompleter(typeof(StackCompleter))]
    public TcpStack? Stack { get; set; }

    private bool IsPrepared => Drop || Hold || Delay is not null || Duplicate > 0 || Set is not null || Corrupt != HookDamage.None;

    /// <inheritdoc/>
    protected override void Process()
    {
        TcpStack stack = RequireStack(Stack ?? Session?.Stack);
        Subject = stack;
        HookStage[] stages = ParameterSetName == "Stage" ? Stage : Direction switch
        {
            HookDirection.In => [HookStage.TcpIn],
            HookDirection.Out => [HookStage.TcpOut],
            _ => [HookStage.TcpIn, HookStage.TcpOut],
        };
        Check(stack, stages);
        ScriptHook? script = null;
        try
        {
            HookOptions options = new()
            {
                Stages = stages,
                Filter = MakeFilter(),
                Name = Name,
                Description = Describe(),
                Order = Order,
                Limit = First,
                Duration = DurationSec < 0 ? null : TimeSpan.FromSeconds(DurationSec),
                Capacity = Capacity,
            };
            if (Action is not null)
            {
                TimeSpan limit = Limit(TimeoutSec);
                script = new ScriptHook(
                    ScriptText.From(Action, "__hook", SessionState), ArgumentList, stack, limit < TimeSpan.Zero ? null : limit);
            }

            PacketHook hook = stack.AddHook(options with
            {
                Deferred = script ?? Handler as IDeferredPacketHook,
                Handler = Handler as PacketHookHandler,
                Hook = IsPrepared ? Prepare() : Handler as IPacketHook,
            });
            TcpToolsCmdlet.State.Hooks.Add(hook);
            script = null;
            WriteObject(hook);
        }
        finally
        {
            script?.Dispose();
        }
    }

    private void Check(TcpStack stack, HookStage[] stages)
    {
        int actions = (Action is null ? 0 : 1) + (Handler is null ? 0 : 1) + (IsPrepared ? 1 : 0);
        int fates = (Drop ? 1 : 0) + (Hold ? 1 : 0) + (Delay is null ? 0 : 1) + (Duplicate > 0 ? 1 : 0);
        HookStage? told = stages.Intersect(s_told).Cast<HookStage?>().FirstOrDefault();
        bool isTimerOnly = stages.All(static stage => stage == HookStage.Timer);
        if (actions == 0)
        {
            Refuse("NoHookAction", "There is nothing for the hook to do.", "Give a script block, -Handler, or one of -Drop, -Hold, -Delay, -Duplicate, -Set and -Corrupt.");
        }
        else if (actions > 1)
        {
            Refuse("HookConflict", "A hook does one thing: a script block, -Handler, or what -Drop, -Hold, -Delay, -Duplicate, -Set and -Corrupt ask for.", "Register another hook for the other; -Order tells which is first.");
        }
        else if (fates > 1 || (Drop && (Set is not null || Corrupt != HookDamage.None)))
        {
            Refuse("HookConflict", "A packet has one fate: -Drop alone, or one of -Hold, -Delay and -Duplicate, with or without -Set and -Corrupt.", "Register another hook for the other; -Order tells which is first.");
        }
        else if (told is not null && IsPrepared && !(isTimerOnly && Delay is not null && fates == 1 && Set is null && Corrupt == HookDamage.None))
        {
            Refuse("HookConflict", $"At {told} there is no packet that could be dropped, kept or changed.", "Give a script block to look on, or name a stage of packets. A timer can be given a -Delay.");
        }
        else if (told is not null && (Flags | FlagsUnset) != 0)
        {
            Refuse("HookConflict", $"At {told} there are no flags.", "Choose by -Port, -Address, -State or -Session.");
        }
        else if (HasData && NoData)
        {
            Refuse("HookConflict", "No segment is both with data and without.", "Give one of -HasData and -NoData.");
        }
        else if (DurationSec == 0)
        {
            Refuse("InvalidArgument", "A hook lasts longer than nothing.", "Give -DurationSec more than 0, or leave it out.");
        }
        else if (Session is { } session && session.Stack != stack)
        {
            Refuse("HookConflict", $"{session} does not belong to the stack '{stack.Name}'.", "Name the session's stack, or none.");
        }
    }

    private void Refuse(string id, string message, string advice) =>
        ThrowTerminatingError(Errors.Make(id, ErrorCategory.InvalidArgument, message, Subject, advice));

    private PreparedHook Prepare()
    {
        List<Action<Packet>> changes = [];
        foreach (DictionaryEntry entry in Set ?? new Hashtable())
        {
            FieldSetter setter = new(entry.Key.ToString() ?? "", entry.Value);
            changes.Add(packet => setter.Set(packet));
        }

        return new PreparedHook
        {
            Changes = changes,
            Damage = Corrupt,
            Verdict = Drop ? HookVerdict.Drop
                : Hold ? HookVerdict.Hold
                : Delay is { } delay ? HookVerdict.Delay(delay)
                : Duplicate > 0 ? HookVerdict.Duplicate(Duplicate, Gap)
                : HookVerdict.Accept,
        };
    }

    private string Describe()
    {
        if (Action is not null)
        {
            string text = string.Join(' ', Action.ToString().Split((char[])['\r', '\n', ' ', '\t'], StringSplitOptions.RemoveEmptyEntries));
            return text.Length > 80 ? text[..79] + "…" : text;
        }

        if (Handler is not null)
        {
            return Handler.GetType().Name;
        }

        List<string> parts = [];
        foreach (DictionaryEntry entry in Set ?? new Hashtable())
        {
            parts.Add($"set {entry.Key} = {PacketProperty.Show(entry.Value)}");
        }

        Add(Corrupt != HookDamage.None, $"corrupt {Corrupt}");
        Add(Drop, "drop");
        Add(Hold, "hold");
        Add(Delay is not null, $"delay {Delay}");
        Add(Duplicate > 0, $"duplicate {Duplicate}");
        return string.Join(", ", parts);

        void Add(bool isAsked, string part)
        {
            if (isAsked)
            {
                parts.Add(part);
            }
        }
    }
}
