. $PSScriptRoot/common.ps1

# What docs/building-a-stack.md shows runs, and its host in C# needs nothing but what is public.
$page = Get-Content -Raw "$PSScriptRoot/../../docs/building-a-stack.md"
$examples = foreach ($match in [regex]::Matches($page, '(?s)```powershell\r?\n(.*?)```')) { @{ Code = $match.Groups[1].Value; Start = $match.Groups[1].Value.Split("`n")[0] } }

Describe 'docs/building-a-stack.md' {
    AfterEach { Remove-TestStack }

    It 'has examples that run: <Start>' -ForEach $examples {
        $shell = New-TestShell "& {`n$Code`n} | Out-String"
        try {
            $output = $shell.Invoke() -join ''
            $shell.Streams.Error | Should -BeNullOrEmpty
            $promises = @([regex]::Matches($Code, 'prints: (.*?)\s*(\n|$)'))
            $promises.Count | Should -BeGreaterThan 0
            foreach ($promise in $promises) { $output | Should -Match ([regex]::Escape($promise.Groups[1].Value)) }
        }
        finally {
            $shell.Commands.Clear()
            $null = $shell.AddScript('Get-TcpStack | Stop-TcpStack -Force').Invoke()
            $shell.Dispose()
        }
    }

    It 'has a host made by hand that compiles outside of the module and talks to a stack' {
        if (-not ('TcpTools.Examples.SmallHost' -as [type])) {
            # Nullability is not switched on for Add-Type.
            $source = "#nullable enable`n" + (Get-Content -Raw "$PSScriptRoot/../TcpTools.Core.Tests/Stack/SmallHost.cs")
            Add-Type -ReferencedAssemblies ([TcpTools.Tcp.TcpConnection].Assembly.Location), System.Runtime, System.Memory -TypeDefinition $source
        }
        $wire = New-PacketWire
        $stack = Start-TcpStack 10.5.0.2/24 -Link $wire.B -Virtual
        $listener = Start-TcpListener 80 -Stack $stack
        $hand = New-Object TcpTools.Examples.SmallHost $wire.A, '10.5.0.1/24', ([TcpTools.Tcp.TcpSettings]::Default)
        $hand.Connect('10.5.0.2', 80, $stack.Now)
        foreach ($i in 1..5) {
            $stack.Clock.Network.RunUntilIdle()
            $hand.Move($stack.Now)
        }
        $hand.Connection.State | Should -Be Established
        ($listener | Receive-TcpSession).State | Should -Be Established
    }
}
