#requires -Version 7.6
#requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

# Help is complete, and its examples run: each in a fresh runspace that has two stacks on a wire and a session between
# them. A comment "prints: text" in or below an example is a promise. Examples marked "powershell root" only look at.

BeforeDiscovery {
    $root = Resolve-Path "$PSScriptRoot/../.."
    $cmdlets = (Import-PowerShellDataFile "$root/TcpTools.psd1").CmdletsToExport | ForEach-Object { @{ Name = $_ } }
    $examples = foreach ($page in Get-ChildItem "$root/docs/en-US/*-*.md") {
        $text = Get-Content -Raw $page
        foreach ($match in [regex]::Matches($text, '(?s)### (Example \d+: [^\n]*)\n\n```powershell\n(.*?)```\n\n([^\n]*)')) {
            @{
                Cmdlet = $page.BaseName
                Title  = $match.Groups[1].Value
                Code   = $match.Groups[2].Value
                Remark = $match.Groups[3].Value
            }
        }
    }
}

Describe 'Help' {
    BeforeAll {
        $root = "$(Resolve-Path "$PSScriptRoot/../..")"
        Import-Module "$root/TcpTools.psd1"
        $prelude = @'
$ErrorActionPreference = 'Stop'
$wire = New-PacketWire
$server = Start-TcpStack 10.9.0.1/24 -Link $wire.A -Name server
$client = Start-TcpStack 10.9.0.2/24 -Link $wire.B -Name client -Default
$listener = Start-TcpListener 7 -Stack $server
$session = Open-TcpSession 10.9.0.1 7
$peer = $listener | Receive-TcpSession
'@
    }

    It 'of <Name> is complete' -ForEach $cmdlets {
        $help = Get-Help $Name -Full
        $help.Synopsis | Should -Not -Match "^\s*$Name "
        $help.description | Should -Not -BeNullOrEmpty
        @($help.examples.example).Count | Should -BeGreaterThan 0
        $common = [System.Management.Automation.PSCmdlet]::CommonParameters + 'WhatIf', 'Confirm'
        foreach ($parameter in (Get-Command $Name).Parameters.Keys | Where-Object { $_ -notin $common }) {
            ($help.parameters.parameter | Where-Object name -EQ $parameter).description | Should -Not -BeNullOrEmpty -Because "-$parameter needs a word"
        }
    }

    It 'has the topic <_>' -ForEach 'about_TcpTools', 'about_TcpTools_Automata', 'about_TcpTools_Hooks', 'about_TcpTools_Packets', 'about_TcpTools_Parts', 'about_TcpTools_Probing', 'about_TcpTools_Servers', 'about_TcpTools_Sessions', 'about_TcpTools_Steps', 'about_TcpTools_Streams' {
        $text = Get-Help $_ | Out-String
        $text | Should -Match 'SHORT DESCRIPTION'
        ($text -split "`n" | Measure-Object Length -Maximum).Maximum | Should -BeLessOrEqual 100
    }

    It '<Cmdlet>, <Title> runs' -ForEach $examples {
        $state = [System.Management.Automation.Runspaces.InitialSessionState]::CreateDefault2()
        $state.ImportPSModule("$root/TcpTools.psd1")
        $shell = [PowerShell]::Create($state)
        try {
            $null = $shell.AddScript($prelude).Invoke()
            $shell.Commands.Clear()
            $run = $shell.AddScript("& {`n$Code`n} | Out-String").BeginInvoke()
            $run.AsyncWaitHandle.WaitOne(20000) | Should -BeTrue -Because 'no example takes long'
            $output = $shell.EndInvoke($run) -join ''
            $shell.Streams.Error | Should -BeNullOrEmpty
            foreach ($promise in [regex]::Matches("$Code`n$Remark", '(?i)prints: (.*?)\s*(\n|$)')) {
                $output | Should -Match ([regex]::Escape($promise.Groups[1].Value))
            }
        }
        finally {
            $null = $shell.Commands.Clear()
            $null = $shell.AddScript('Get-TcpStack | Stop-TcpStack -Force').Invoke()
            $shell.Runspace.Dispose()
            $shell.Dispose()
        }
    }
}
